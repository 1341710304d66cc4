using Projections.Migrations.Files;
using Projections.Migrations.Schemas;

namespace Projections.Migrations.RoundTrip;

/// <summary>Whether one migration can be taken back without a trace.</summary>
/// <param name="Migration">Which.</param>
/// <param name="Irreversible">Why it has no way back, by its own word; <c>null</c> when it has one.</param>
/// <param name="Failure">The statement that failed; <c>null</c> when none did.</param>
/// <param name="AfterDown">What differs between before up and after down; empty when the way back restores the schema.</param>
/// <param name="AfterSecondUp">What differs between the first and the second up.</param>
/// <param name="ChangedTables">Tables whose rows are not what they were after up and down. A dropped column's values, for
/// one, cannot come back: a warning, no failure.</param>
/// <param name="MovedSequences">Sequences that stand elsewhere after up and down, because numbers were drawn: a warning, no failure.</param>
public sealed record RoundTripResult(
    Migration Migration,
    string? Irreversible,
    Exception? Failure,
    IReadOnlyList<SchemaDifference> AfterDown,
    IReadOnlyList<SchemaDifference> AfterSecondUp,
    IReadOnlyList<string> ChangedTables,
    IReadOnlyList<string> MovedSequences)
{
    public bool Succeeded => Failure is null && AfterDown.Count == 0 && AfterSecondUp.Count == 0;
}
