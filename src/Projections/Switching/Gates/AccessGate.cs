using Projections.Switching.Access;

namespace Projections.Switching.Gates;

/// <summary>Readers see the same rows and columns behind the version: its table has the row-level security and the rights of the live one.</summary>
internal sealed class AccessGate : ISwitchGate
{
    public string Id => "same-access";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var view = await ReadName.ReadAsync(candidate.Connection, candidate.Schema, candidate.Name, cancellationToken);
        if (candidate.Asked.AcceptAccess || view is not { IsView: true })
        {
            return null;
        }

        var now = await ShownTable.ReadAsync(candidate.Connection, candidate.Schema, candidate.Projection, cancellationToken);
        var then = await ReadName.ReadAsync(candidate.Connection, candidate.Schema, candidate.Version.Id.Table, cancellationToken);
        if (now is null || then is null)
        {
            return null;
        }

        var columns = ReadNameChange.From(view.Columns, then.Columns, candidate.Contract(view)).Columns;
        var differences = await new AccessComparison(candidate.Connection, view, now, then, columns).FindDifferencesAsync(cancellationToken);
        return differences.Count == 0
            ? null
            : new GateFailure(
                Id,
                $"readers would not see the same rows and columns: {string.Join("; ", differences)}.",
                $"Change {then.Name}{(candidate.Definition is { } definition ? $", and for later builds {definition.Files.Folder}/table.sql" : "")}; if it is meant, say so with '--accept-access'.");
    }
}
