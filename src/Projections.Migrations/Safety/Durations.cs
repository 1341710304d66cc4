using System.Globalization;

namespace Projections.Migrations.Safety;

/// <summary>Says how long a piece of work takes, in terms of its table's size.</summary>
internal static class Durations
{
    // What an ordinary server with its data on an SSD does in a second; the order of magnitude is meant.
    private const double ScanBytes = 200e6;
    private const double IndexBytes = 50e6;
    private const double RewriteBytes = 30e6;

    public static string Of(Finding finding, TableSize? size)
    {
        var (doing, bytes) = finding.Work switch
        {
            Work.Scan => ("reading every row", ScanBytes),
            Work.IndexBuild => ("reading and sorting every row", IndexBytes),
            Work.Rewrite => ("writing every row and every index anew", RewriteBytes),
            _ => ("", 0.0),
        };
        if (doing.Length == 0)
        {
            return "";
        }

        return size is null
            ? $"As long as {doing} takes: about {1e9 / bytes:0} s a gigabyte."
            : string.Create(CultureInfo.InvariantCulture, $"As long as {doing} takes: {finding.Table} has {size.Rows:N0} rows in {size.Bytes / 1e6:N1} MB, about {Text(size.Bytes / bytes)}.");
    }

    private static string Text(double seconds) => seconds switch
    {
        < 1 => "a second",
        < 120 => $"{seconds:0} s",
        < 7200 => $"{seconds / 60:0} min",
        _ => $"{seconds / 3600:0} h",
    };
}
