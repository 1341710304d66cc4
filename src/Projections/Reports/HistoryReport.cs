using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Reports;

/// <summary>What happened to a projection, newest first, as every door tells it.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Switches">All its switches.</param>
/// <param name="Transitions">The latest changes of its versions' states.</param>
internal sealed record HistoryReport(ProjectionName Projection, IReadOnlyList<SwitchLine> Switches, IReadOnlyList<TransitionLine> Transitions)
{
    /// <summary>Reads a projection's history; at most <paramref name="limit"/> changes of state.</summary>
    public static async Task<HistoryReport> ReadAsync(ProjectionCatalog catalog, ProjectionName projection, int limit, CancellationToken cancellationToken)
    {
        var transitions = await catalog.ReadTransitionsAsync(projection, limit, cancellationToken);
        var switches = await SwitchHistory.ReadAsync(catalog, projection, cancellationToken);
        return new HistoryReport(projection, [.. switches.Select(SwitchLine.Of)], [.. transitions.Select(TransitionLine.Of)]);
    }
}

/// <summary>A switch in the history.</summary>
internal sealed record SwitchLine(
    long Generation, int? From, int To, EventPosition? Position, string Manner, int Attempts, string Who, string? Why, DateTime At)
{
    internal static SwitchLine Of(SwitchRecord record) => new(
        record.Generation, record.From, record.To, record.Position, record.Manner, record.Attempts, record.Actor.Who, record.Actor.Why, record.At);
}

/// <summary>A change of a version's state in the history.</summary>
internal sealed record TransitionLine(int Version, string? From, string To, EventPosition? Position, string Who, string? Why, DateTime At)
{
    internal static TransitionLine Of(TransitionRecord record) => new(
        record.Version.Number, record.From?.Text(), record.To.Text(), record.Position, record.Actor.Who, record.Actor.Why, record.At);
}
