using System.Globalization;

namespace Projections.Tables.ColumnTypes;

/// <summary>PostgreSQL counts microseconds from the beginning of 2000.</summary>
internal static class PostgresTime
{
    private static readonly long Epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public static long Microseconds(DateTime utc)
    {
        if (utc == DateTime.MinValue)
        {
            return long.MinValue;
        }

        return utc == DateTime.MaxValue ? long.MaxValue : (utc.Ticks - Epoch) / TimeSpan.TicksPerMicrosecond;
    }

    /// <summary>A moment as <c>to_json</c> has it.</summary>
    public static string Text(DateTime utc)
    {
        if (utc == DateTime.MinValue)
        {
            return "-infinity";
        }

        return utc == DateTime.MaxValue ? "infinity" : utc.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'+00:00'", CultureInfo.InvariantCulture);
    }

    /// <summary>A span of time in the server's own style: <c>1 day 02:03:04.5</c>.</summary>
    public static string Text(TimeSpan span)
    {
        var (days, rest) = (span.Days, span - TimeSpan.FromDays(span.Days));
        var date = days == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{days} day{(days == 1 ? "" : "s")}");
        var time = rest == TimeSpan.Zero && days != 0 ? "" : $"{(rest < TimeSpan.Zero ? "-" : "")}{rest.ToString("hh':'mm':'ss'.'FFFFFF", CultureInfo.InvariantCulture).TrimEnd('.')}";
        return date.Length > 0 && time.Length > 0 ? $"{date} {time}" : date + time;
    }
}
