using System.Globalization;
using Projections.Verification;

namespace Projections.CommandLine.Terminal;

/// <summary>How the outcome of a comparison is shown.</summary>
internal static class VerificationText
{
    /// <summary>Rows with their values.</summary>
    public static Listing Of(ShownRows shown)
    {
        var (earlier, later) = (Math.Min(shown.With, shown.Version.Number), Math.Max(shown.With, shown.Version.Number));
        var listing = Samples(shown.Result, $"v{earlier}", $"v{later}");
        listing.Note(string.Create(CultureInfo.InvariantCulture, $"Compared at {shown.At.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC."));
        return listing;
    }

    public static IEnumerable<Listing> Of(VerificationReport report)
    {
        var where = report.Position is null ? ", one of them written by another program" : report.Where;
        var verdict = report.Result.Agrees ? "agree" : "differ";
        return Listings(report.Result, $"v{report.Earlier}", $"v{report.Later}", $"{report.Projection} v{report.Earlier} and v{report.Later}{where} {verdict}", report.Took);
    }

    public static IEnumerable<Listing> Of(EventVerification report)
    {
        var verdict = report.Result.Agrees ? "agrees with" : "differs from";
        var title = string.Create(CultureInfo.InvariantCulture, $"{report.Version} {verdict} its {report.Events:N0} events up to position {report.Position}");
        return Listings(report.Result, "the table", "its events", title, report.Took);
    }

    private static IEnumerable<Listing> Listings(ComparisonResult result, string earlier, string later, string title, TimeSpan took)
    {
        var counts = new Listing("Rows", "Count") { Title = title };
        counts.Add($"of {earlier}", Number(result.RowsOfEarlier));
        counts.Add($"of {later}", Number(result.RowsOfLater));
        counts.Add("equal", Number(result.Equal));
        counts.Add("differing", Number(result.Differing));
        counts.Add($"only in {earlier}", Number(result.OnlyInEarlier));
        counts.Add($"only in {later}", Number(result.OnlyInLater));
        foreach (var column in result.LeftOut)
        {
            counts.Note($"'{column.Name}' was not compared: {column.Why}.");
        }

        counts.Note($"It took {DurationText.Of(took)}.");
        yield return counts;
        if (!result.Agrees)
        {
            var samples = Samples(result, earlier, later);
            samples.Note("Values are hidden, as they may be about people. 'projections show-rows' shows those that two versions differ in, and 'explain' any row.");
            yield return samples;
        }
    }

    private static Listing Samples(ComparisonResult result, string earlier, string later)
    {
        var listing = new Listing("Key", "Column", earlier, later) { Title = "Samples of what differs" };
        foreach (var kind in result.Differences)
        {
            foreach (var sample in kind.Samples)
            {
                var key = string.Join(", ", sample.Key.Values);
                foreach (var column in kind.Columns)
                {
                    listing.Add(key, column, sample.Earlier?[column] ?? "null", sample.Later?[column] ?? "null");
                }

                if (kind.Kind != DifferenceKind.Values)
                {
                    listing.Add(key, "(the row)", sample.Earlier is null ? "missing" : "there", sample.Later is null ? "missing" : "there");
                }
            }
        }

        foreach (var (column, rows) in result.DifferingByColumn)
        {
            listing.Note($"'{column}' differs in {Number(rows)} rows.");
        }

        return listing;
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
