using Projections.Definitions;
using Projections.Events;
using Projections.Switching;

namespace Projections.Reports;

/// <summary>What came of a switch or a rollback, as every door tells it.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="From">The version that was live before.</param>
/// <param name="To">The version that is live now.</param>
/// <param name="Generation">The number of the switch.</param>
/// <param name="Position">The new live version's checkpoint at the switch.</param>
/// <param name="Change">What became of the read name's columns.</param>
/// <param name="Attempts">How many times the lock was tried for.</param>
/// <param name="AlreadyDone">Whether the version was live already.</param>
/// <param name="Outcome">What was done, in a sentence for people.</param>
public sealed record SwitchReport(
    ProjectionName Projection,
    int? From,
    int To,
    long Generation,
    EventPosition? Position,
    ReadNameChange? Change,
    int Attempts,
    bool AlreadyDone,
    string Outcome)
{
    public static SwitchReport Of(SwitchResult result) => new(
        result.Projection, result.From, result.To, result.Generation, result.Position, result.Change, result.Attempts, result.AlreadyDone, OutcomeOf(result));

    private static string OutcomeOf(SwitchResult result) => result.AlreadyDone
        ? $"Reads of '{result.Projection}' go to v{result.To} already."
        : $"Reads of '{result.Projection}' go to v{result.To}{(result.From is { } from ? $", no longer to v{from}" : "")}{(result.Position is { } position ? $", since position {position}" : "")}.";
}
