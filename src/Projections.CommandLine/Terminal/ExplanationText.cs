using System.Globalization;
using Projections.Verification;

namespace Projections.CommandLine.Terminal;

/// <summary>How the story of a row is shown.</summary>
internal static class ExplanationText
{
    public static IEnumerable<Listing> Of(Explanation explanation)
    {
        foreach (var step in explanation.Steps)
        {
            yield return Of(step, ReferenceEquals(step, explanation.PartsAt));
        }

        yield return Stored(explanation);
    }

    private static Listing Of(ExplainedStep step, bool parts)
    {
        var listing = new Listing("Version", "Row after it")
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"{step.Position} {step.Type}, event {step.StreamVersion} of {step.Stream}, {step.Time:yyyy-MM-dd HH:mm:ss}: {step.Data}"),
        };
        foreach (var row in step.Rows)
        {
            listing.Add($"v{row.Version}", Text(row));
        }

        if (parts)
        {
            listing.Note("Here the versions part.");
        }

        return listing;
    }

    private static Listing Stored(Explanation explanation)
    {
        var listing = new Listing("Version", "Row") { Title = "In the tables" };
        var last = explanation.Steps.Count > 0 ? explanation.Steps[^1].Rows : [];
        foreach (var row in explanation.Stored)
        {
            listing.Add($"v{row.Version}", row.Row ?? "none");
            if (last.FirstOrDefault(folded => folded.Version == row.Version)?.Row != row.Row)
            {
                listing.Note($"v{row.Version} has another row in its table than its events make.");
            }
        }

        var where = explanation.Streams is { } streams ? $"the events of {string.Join(" and ", streams)}" : "all events";
        listing.Note($"Read were {where} up to position {explanation.Through}.");
        return listing;
    }

    private static string Text(ExplainedRow row) => (row.Row ?? "none") + (row.Error is { } error ? $" ({error})" : row.Changed ? "" : " (unchanged)");
}
