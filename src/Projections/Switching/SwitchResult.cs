using Projections.Commands;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Switching;

/// <summary>A switch that took place.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="From">The version that was live before, or <c>null</c>.</param>
/// <param name="To">The version that is live now.</param>
/// <param name="Generation">The number of the switch.</param>
/// <param name="Position">The new live version's checkpoint at the switch; <c>null</c> for one that another program writes.</param>
/// <param name="Change">What became of the read name's columns.</param>
/// <param name="Attempts">How many times the lock was tried for.</param>
/// <param name="AlreadyDone">Whether the version was live already, and nothing was done.</param>
public sealed record SwitchResult(
    ProjectionName Projection,
    int? From,
    int To,
    long Generation,
    EventPosition? Position,
    ReadNameChange? Change,
    int Attempts,
    bool AlreadyDone = false) : ICommandResult
{
    /// <summary>What came of the other projections whose reads moved in the same transaction.</summary>
    public IReadOnlyList<SwitchResult> With { get; init; } = [];

    /// <inheritdoc />
    public string Outcome => string.Join(" ", With.Prepend(this).Select(result => result.Sentence));

    private string Sentence => AlreadyDone
        ? $"Reads of '{Projection}' go to v{To} already."
        : $"Reads of '{Projection}' go to v{To}{(From is { } from ? $", no longer to v{from}" : "")}{(Position is { } position ? $", since position {position}" : "")}.";
}
