using System.Globalization;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;
using Projections.Reports;

namespace Projections.CommandLine.Terminal;

/// <summary>The state of projections, for people.</summary>
internal static class StatusListing
{
    /// <summary>One line a projection.</summary>
    public static Listing Overview(IReadOnlyList<ProjectionReport> projections)
    {
        var listing = new Listing("Projection", "Reads", "Versions", "Lag", "In this program");
        foreach (var projection in projections)
        {
            var live = projection.Versions.FirstOrDefault(version => version.Version == projection.LiveVersion);
            listing.Add(
                projection.Projection.Value,
                projection.LiveVersion is { } number ? Name(number) : "nothing live",
                Join(projection.Versions.Where(version => version.State != "retired").Select(version => $"{Name(version.Version)} {version.State}"), "never built"),
                live is null ? "" : Lag(live),
                Join(projection.Known.Select(Name), "none"));
            AddErrors(listing, projection);
        }

        if (projections is [var first, ..])
        {
            AddSourceTrouble(listing, first);
        }

        return listing;
    }

    /// <summary>What is in no listing, because nobody knows of which version a class is.</summary>
    public static IEnumerable<string> Unmade(ProjectionRegistry registry) => registry.Unattributed.Select(error => $"Not listed: {error}");

    /// <summary>One line a version, and below them what needs attention.</summary>
    public static Listing Details(ProjectionReport projection)
    {
        var listing = new Listing("Version", "State", "Position", "Lag", "Events", "Rate", "Worker")
        {
            Title = projection.LiveVersion is { } live
                ? $"{projection.Projection} → {Name(live)}"
                : $"{projection.Projection} (nothing is live)",
        };
        foreach (var version in projection.Versions)
        {
            listing.Add(
                Name(version.Version),
                version.External ? $"{version.State} (written by another program)" : version.State,
                version.Position?.ToString() ?? "none",
                Lag(version),
                Events(version),
                version.EventsPerSecond is > 0 ? string.Create(CultureInfo.InvariantCulture, $"{version.EventsPerSecond:N0}/s") : "",
                version.Worker ?? "nobody");
            AddNotes(listing, version);
        }

        foreach (var number in projection.Known.Except(projection.Versions.Select(version => version.Version)))
        {
            listing.Add(Name(number), "not built", "", "", "", "", "");
        }

        foreach (var reaction in projection.Reactions.Where(reaction => reaction.Since is not null))
        {
            listing.Note(ReactionText.Of(reaction));
        }

        if (projection.Feed is { } feed)
        {
            listing.Note(FeedText.Of(feed));
        }

        AddErrors(listing, projection);
        if (projection.Hold is { } hold)
        {
            listing.Note($"Events beyond {projection.Head} are not known to be settled yet: {hold}");
        }

        AddSourceTrouble(listing, projection);

        return listing;
    }

    /// <summary>What of a projection somebody should look at; nothing where all is as it should be.</summary>
    public static IEnumerable<string> NeedALook(ProjectionReport projection) =>
        projection.Versions.SelectMany(version => NeedALook(projection, version))
            .Concat(projection.SourceTrouble is { } trouble ? [$"the event store cannot be read: {trouble}"] : [])
            .Concat(projection.Errors.Select(error => $"declared wrongly in this program: {error}"));

    private static IEnumerable<string> NeedALook(ProjectionReport projection, VersionReport version)
    {
        var name = $"{projection.Projection} {Name(version.Version)}";
        return
        [
            .. version is { State: "failed" } ? [$"{name} failed: {version.Failure}"] : Array.Empty<string>(),
            .. version is { State: "paused" } ? [$"{name} is paused."] : Array.Empty<string>(),
            .. version.Trouble is { } trouble ? [$"{name} cannot go on at present: {trouble}"] : Array.Empty<string>(),
            .. version.DeadLetters > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{name} has {version.DeadLetters:N0} dead letters that wait for a decision.")] : Array.Empty<string>(),
            .. version.LateEvents > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{name} lacks {version.LateEvents:N0} late events.")] : Array.Empty<string>(),
        ];
    }

    private static void AddSourceTrouble(Listing listing, ProjectionReport projection)
    {
        if (projection.SourceTrouble is { } trouble)
        {
            listing.Note($"No lag is known, because the event store cannot be read at present: {trouble}");
        }
    }

    private static void AddErrors(Listing listing, ProjectionReport projection)
    {
        foreach (var error in projection.Errors)
        {
            listing.Note($"Declared wrongly in this program: {error}");
        }
    }

    private static void AddNotes(Listing listing, VersionReport version)
    {
        var name = Name(version.Version);
        if (version.Failure is { } failure)
        {
            listing.Note($"{name} failed{(version.FailurePosition is { } at ? $" at position {at}" : "")}: {failure}");
        }

        if (version.Trouble is { } trouble)
        {
            listing.Note($"{name} cannot go on at present: {trouble}");
        }

        if (version.Activity is { } activity)
        {
            listing.Note($"{name}: {activity}");
        }

        foreach (var shard in version.Shards)
        {
            listing.Note($"{name}, shard {shard.Shard}: {shard}");
        }

        if (TableNote(version.Table) is { } table)
        {
            listing.Note($"{name}: {table}");
        }

        if (version.SeededFrom is { } seededFrom)
        {
            listing.Note($"{name} began with the rows of v{seededFrom}. {version.SeedFinding ?? "Reads move to it once they are proved to be right, which a worker does when it is ready."}");
        }

        if (version is { Throttle: { } limit, State: "planned" or "building" or "replaying" or "catching-up" })
        {
            listing.Note(string.Create(CultureInfo.InvariantCulture, $"{name} is throttled to {limit:N0} events a second."));
        }

        if (version.DeadLetters > 0)
        {
            listing.Note(string.Create(CultureInfo.InvariantCulture, $"{name} has {version.DeadLetters:N0} dead letters that wait for a decision; see 'projections dead-letters'."));
        }

        if (version.LateEvents > 0)
        {
            listing.Note(string.Create(CultureInfo.InvariantCulture, $"{name} lacks {version.LateEvents:N0} late events, which turned up behind its checkpoint: {version.LateEventsProblem ?? "they are folded in as soon as a worker follows it."}"));
        }

        if (version.GivenUpNumbers > 0)
        {
            listing.Note(string.Create(CultureInfo.InvariantCulture, $"{name} passed {version.GivenUpNumbers:N0} gaps in the source's numbers without a proof; they are looked at again. Late events folded in: {version.LateEventsMended:N0}."));
        }

        if (version.Switch is { } change)
        {
            listing.Note($"A switch to {name}: {ChangeText.Of(change)}.");
        }
    }

    private static string? TableNote(string? table) => table switch
    {
        "distributed" => "its rows are on several servers (Citus), which no snapshot shows at one moment; 'projections plan' says what follows from that.",
        "partitioned" => "its rows are in partitions.",
        _ => null,
    };

    private static string Name(int version) => string.Create(CultureInfo.InvariantCulture, $"v{version}");

    private static string Lag(VersionReport version) => version switch
    {
        { Position: null } or { State: "retired" } => "",
        { LagEvents: null } => "unknown",
        { LagEvents: 0, LagSeconds: 0 } => "none",
        { LagEvents: { } events } => Text(new Lag(events, TimeSpan.FromSeconds(version.LagSeconds ?? 0), version.LagIsAtLeast, version.LagIsAbout)),
    };

    private static string Text(Lag lag) => $"{lag.EventsText}, {DurationText.Of(lag.Time)}";

    private static string Events(VersionReport version) => version.EventsTotal is { } total && total > version.EventsDone
        ? string.Create(CultureInfo.InvariantCulture, $"{version.EventsDone:N0} of {new EventCount(total, version.EventsTotalIsAbout)}")
        : string.Create(CultureInfo.InvariantCulture, $"{version.EventsDone:N0}");

    private static string Join(IEnumerable<string> parts, string otherwise) => string.Join(", ", parts) is { Length: > 0 } joined ? joined : otherwise;
}
