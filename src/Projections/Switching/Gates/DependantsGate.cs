namespace Projections.Switching.Gates;

/// <summary>Nothing stands on the read name that would have to be dropped with it.</summary>
internal sealed class DependantsGate : ISwitchGate
{
    public string Id => "no-dependants";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var view = await ReadName.ReadAsync(candidate.Connection, candidate.Schema, candidate.Name, cancellationToken);
        if (view is not null && !view.IsView)
        {
            return new GateFailure(
                Id, $"'{candidate.Name}' is a table, not the view that a switch needs.", $"Take it over first with 'projections adopt {candidate.Name}'.");
        }

        var table = await ReadName.ReadAsync(candidate.Connection, candidate.Schema, candidate.Version.Id.Table, cancellationToken);
        if (view is null || table is null)
        {
            return null;
        }

        var change = ReadNameChange.From(view.Columns, table.Columns, candidate.Contract(view));
        if (change.Manner != ChangeManner.Recreated)
        {
            return null;
        }

        var dependants = await Dependants.OfAsync(candidate.Connection, view.Oid, cancellationToken);
        var why = string.Join("; ", change.Lost.Select(column => $"{column} goes").Concat(change.Retyped));
        return dependants.Count == 0
            ? null
            : new GateFailure(
                Id,
                $"the view '{candidate.Name}' must be dropped and created anew ({why}), but these depend on it: {string.Join(", ", dependants)}.",
                "Drop them first and create them again afterwards, or keep the columns with '--keep-contract'.");
    }
}
