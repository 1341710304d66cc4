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
}
