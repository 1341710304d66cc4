using System.Globalization;
using Projections.Events;
using Projections.Planning;
using Projections.Switching.Queries;

namespace Projections.CommandLine.Terminal;

/// <summary>How a plan and a rehearsal are shown.</summary>
internal static class PlanText
{
    public static Listing Of(RebuildPlan plan)
    {
        var listing = new Listing("What", "How much") { Title = $"{plan.Version}: {Replay(plan)}" };
        foreach (var (type, events) in plan.Events)
        {
            listing.Add($"events '{type}'", $"{new EventCount(events, plan.EventsAreAbout)}");
        }

        listing.Add("events in all", $"{new EventCount(plan.EventsInAll, plan.EventsAreAbout)}");
        listing.Add("time", plan.Duration is { } duration ? $"about {DurationText.Of(duration)}" : plan.Replay == ReplayNeed.Seed ? "that of INSERT … SELECT and the indexes" : "unknown: nothing of it was built before; 'rebuild --dry-run' measures it");
        listing.Add("disk", plan.Bytes is { } bytes ? $"about {Megabytes(bytes)}" : "unknown: no version is live");
        listing.Add("write-ahead log", plan.WalBytes is { } wal ? $"about {Megabytes(wal)}" : "unknown");
        listing.Add("connections", Number(plan.Connections));
        if (plan.Contract is { } change)
        {
            listing.Note($"For readers {ChangeText.Of(change)}.");
        }

        foreach (var remark in plan.Remarks)
        {
            listing.Note(remark);
        }

        return listing;
    }

    public static Listing Of(DryRunReport report)
    {
        var listing = new Listing("What", "About")
        {
            Title = string.Create(CultureInfo.InvariantCulture, $"{report.Version}, rehearsed on {report.Share:0.##%} of the streams"),
        };
        listing.Add("events read", Number(report.EventsRead));
        listing.Add("events folded", Number(report.EventsFolded));
        listing.Add("rows", Number(report.Rows));
        listing.Add("rate", $"{Number((long)report.EventsPerSecond)} events a second");
        listing.Add("time for all", DurationText.Of(report.EstimatedTime));
        listing.Add("disk for all", Megabytes(report.EstimatedBytes));
        foreach (var failure in report.Failures)
        {
            listing.Note($"{Number(failure.Events)} events '{failure.Type}' fail, the first at {failure.First} in stream '{failure.Stream}': {failure.Error}");
        }

        foreach (var (type, events) in report.UnhandledTypes)
        {
            listing.Note($"{Number(events)} events '{type}' are not handled.");
        }

        foreach (var column in report.ColumnsNeverSet)
        {
            listing.Note($"The column '{column}' is never set.");
        }

        if (report.Problem is { } problem)
        {
            listing.Note(problem);
        }

        return listing;
    }

    public static Listing Of(QueryReport report)
    {
        var listing = new Listing("Trouble", "Calls", "What", "Statement")
        {
            Title = report.Findings.Count == 0
                ? $"None of {Number(report.Planned)} statements of readers would be worse off."
                : $"{Number(report.Findings.Count)} of {Number(report.Planned)} statements of readers would be worse off.",
        };
        foreach (var finding in report.Findings)
        {
            listing.Add(finding.Trouble.ToString().ToLowerInvariant(), finding.Calls == 0 ? "" : Number(finding.Calls), finding.Problem, finding.Query);
        }

        foreach (var statement in report.PreparedAnew)
        {
            listing.Note($"Returns other columns or types; where it is prepared, it fails with 'cached plan must not change result type' until it is prepared anew: {statement.Text}");
        }

        foreach (var statement in report.NotPlanned)
        {
            listing.Note($"Not planned: {statement}");
        }

        return listing;
    }

    public static Listing Of(SideBySide sides)
    {
        var listing = new Listing("What", $"v{sides.Live.Version} (live)", $"v{sides.Other.Version}") { Title = $"{sides.Projection}, both versions" };
        foreach (var (what, of) in (IEnumerable<(string, Func<TableSide, string>)>)
            [
                ("rows", side => $"{(side.RowsAreAbout ? "about " : "")}{Number(side.Rows)}"),
                ("table", side => Megabytes(side.Bytes)),
                ("indexes", side => Megabytes(side.IndexBytes)),
                ("position", side => side.Position?.ToString() ?? "unknown"),
            ])
        {
            listing.Add(what, of(sides.Live), of(sides.Other));
        }

        listing.Note(sides.Compared is not { } compared
            ? "Their rows have not been compared since they were built: 'projections verify' does."
            : string.Create(CultureInfo.InvariantCulture, $"When their rows were compared at {compared.At.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC, ")
                + (compared.Result.Agrees ? "they agreed." : $"{Number(compared.Result.Differing)} had other values, and {Number(compared.Result.OnlyInEarlier + compared.Result.OnlyInLater)} were in one table only."));
        listing.Note($"For readers {ChangeText.Of(sides.Change)}.");
        foreach (var reader in sides.Sessions)
        {
            listing.Note($"Read by {reader.Application ?? "a program without a name"} ({reader.User}{(reader.Address is { } address ? $", {address}" : "")}): {Number(reader.Sessions)} sessions, {Number(reader.InTransaction)} in a transaction.");
        }

        if (sides.SessionsAreHidden)
        {
            listing.Note("This role cannot see what other roles' sessions send, so there may be more. Grant it pg_read_all_stats.");
        }

        if (sides.LastWaitMilliseconds is { } wait)
        {
            listing.Note(string.Create(CultureInfo.InvariantCulture, $"At the last switch readers queued for {wait:0.#} ms at most."));
        }

        return listing;
    }

    private static string Replay(RebuildPlan plan) => plan.Replay switch
    {
        ReplayNeed.None => "no replay is needed",
        ReplayNeed.Seed => "its rows are taken from the live version",
        ReplayNeed.Part => "goes on from its checkpoint",
        _ => "all of history is replayed",
    };

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:N1} MB");
}
