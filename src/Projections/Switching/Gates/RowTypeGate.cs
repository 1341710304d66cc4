using Projections.Tables;

namespace Projections.Switching.Gates;

/// <summary>The table is as the handler's row type needs it.</summary>
internal sealed class RowTypeGate : ISwitchGate
{
    public string Id => "row-type-matches";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (!candidate.IsOurs || candidate.Definition is { Columns: null })
        {
            return null;
        }

        if (candidate.Definition is not { Columns: { } expected } definition)
        {
            return new GateFailure(Id, $"the row type of {candidate.Version.Id} is not known: {candidate.System.Registry.WhyMissing(candidate.Version.Id)}", "Run the switch with the release that built it.");
        }

        var found = await TableShapes.ReadAsync(candidate.Connection, candidate.Schema, definition.Id.Table, cancellationToken);
        var differences = found is null ? [$"The table {definition.Id.Table} does not exist."] : found.DifferencesFrom(expected);
        return differences.Count == 0
            ? null
            : new GateFailure(
                Id,
                $"{definition.Id.Table} is not what the handler's row type says. {string.Join(" ", differences)}",
                $"Put the table back as {definition.Files.Folder}/table.sql has it, or build a new version.");
    }
}
