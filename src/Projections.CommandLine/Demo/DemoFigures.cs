using System.Globalization;
using Projections.CommandLine.Terminal;

namespace Projections.CommandLine.Demo;

/// <summary>How a rebuild went.</summary>
internal sealed record BuildFigures(string Version, long Events, TimeSpan Took)
{
    public double EventsPerSecond => Events / Math.Max(Took.TotalSeconds, 0.001);
}

/// <summary>How a switch went, and what readers noticed of it.</summary>
internal sealed record SwitchFigures(string What, TimeSpan Took, long ReadsMeanwhile, TimeSpan LongestRead);

/// <summary>What the demo measured.</summary>
internal sealed record DemoFigures(
    IReadOnlyList<BuildFigures> Builds,
    IReadOnlyList<SwitchFigures> Switches,
    long EventsAppended,
    long Reads,
    long FailedReads,
    long StaleReads,
    TimeSpan LongestRead,
    bool VersionsAgree,
    string? FirstProblem)
{
    public bool IsClean => FailedReads == 0 && StaleReads == 0 && VersionsAgree;

    public Listing ToListing()
    {
        var listing = new Listing("What", "Figure");
        foreach (var build in Builds)
        {
            listing.Add($"Events rebuilt into {build.Version}", Text($"{build.Events:N0} in {build.Took.TotalSeconds:0.0} s ({build.EventsPerSecond:N0}/s)"));
        }

        listing.Add("Events appended meanwhile", Text($"{EventsAppended:N0}"));
        foreach (var step in Switches)
        {
            listing.Add($"{step.What} took", Text($"{step.Took.TotalMilliseconds:0} ms"));
            listing.Add("  reads served during it", Text($"{step.ReadsMeanwhile:N0}"));
            listing.Add("  longest read around it", Text($"{step.LongestRead.TotalMilliseconds:0.0} ms"));
        }

        listing.Add("Reads served in all", Text($"{Reads:N0}"));
        listing.Add("Longest of them", Text($"{LongestRead.TotalMilliseconds:0.0} ms"));
        listing.Add("Failed reads", Text($"{FailedReads}"));
        listing.Add("Reads that went back in time", Text($"{StaleReads}"));
        listing.Add($"{Builds[0].Version} and {Builds[^1].Version} agree in one snapshot", VersionsAgree ? "yes" : "NO");
        return listing;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
