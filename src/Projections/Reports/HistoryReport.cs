using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Reports;

/// <summary>What happened to a projection, newest first, as every door tells it.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Switches">All its switches.</param>
/// <param name="Transitions">The latest changes of its versions' states.</param>
/// <param name="Commands">The latest commands that changed something.</param>
internal sealed record HistoryReport(
    ProjectionName Projection, IReadOnlyList<SwitchLine> Switches, IReadOnlyList<TransitionLine> Transitions, IReadOnlyList<CommandEntry> Commands)
{
    /// <summary>Reads a projection's history; at most <paramref name="limit"/> changes of state, and as many commands.</summary>
    public static async Task<HistoryReport> ReadAsync(ProjectionCatalog catalog, ProjectionName projection, int limit, CancellationToken cancellationToken)
    {
        var transitions = await catalog.ReadTransitionsAsync(projection, limit, cancellationToken);
        var switches = await SwitchHistory.ReadAsync(catalog, projection, cancellationToken);
        var commands = await CommandLog.ReadAsync(catalog, projection, limit, cancellationToken);
        return new HistoryReport(projection, [.. switches.Select(SwitchLine.Of)], [.. transitions.Select(TransitionLine.Of)], [.. commands.Select(CommandEntry.Of)]);
    }
}

/// <summary>A command in the history.</summary>
/// <param name="From">From where it came, where that is known.</param>
internal sealed record CommandEntry(string Command, int? Version, string Outcome, string Who, string? From, string? Why, DateTime At)
{
    internal static CommandEntry Of(GivenCommand given) => new(given.Verb, given.Version, given.Outcome, given.Actor.Who, given.From, given.Actor.Why, given.At);
}

/// <summary>A switch in the history.</summary>
/// <param name="AskedBy">Who had asked for it, where it took two people.</param>
/// <param name="WaitMilliseconds">For how long readers may have queued behind it: from when its lock was asked for until it was committed; <c>null</c> where nobody measured it.</param>
internal sealed record SwitchLine(
    long Generation, int? From, int To, EventPosition? Position, string Manner, int Attempts, string Who, string? AskedBy, string? Why, DateTime At, double? WaitMilliseconds)
{
    internal static SwitchLine Of(SwitchRecord record) => new(
        record.Generation, record.From, record.To, record.Position, record.Manner, record.Attempts, record.Actor.Who, record.AskedBy, record.Actor.Why, record.At, record.Wait?.TotalMilliseconds);
}

/// <summary>A change of a version's state in the history.</summary>
internal sealed record TransitionLine(int Version, string? From, string To, EventPosition? Position, string Who, string? Why, DateTime At)
{
    internal static TransitionLine Of(TransitionRecord record) => new(
        record.Version.Number, record.From?.Text(), record.To.Text(), record.Position, record.Actor.Who, record.Actor.Why, record.At);
}
