
namespace Projections.Switching.Gates;

/// <summary>A contract that is to be kept can be kept: the version has every column that readers see, with its type.</summary>
internal sealed class ContractGate : ISwitchGate
{
    public string Id => "contract-kept";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (!candidate.Asked.KeepContract && candidate.Projection.Contract is null)
        {
            return null;
        }

        var view = await ReadName.ReadAsync(candidate.Connection, candidate.Schema, candidate.Name, cancellationToken);
        var table = await ReadName.ReadAsync(candidate.Connection, candidate.Schema, candidate.Version.Id.Table, cancellationToken);
        if (view is not { IsView: true } || table is null)
        {
            return null;
        }

        var offered = table.Columns.ToDictionary(column => column.Name, column => column.Type);
        var broken = view.Columns
            .Where(column => !offered.TryGetValue(column.Name, out var type) || type != column.Type)
            .Select(column => offered.TryGetValue(column.Name, out var type) ? $"{column.Name} is {type} instead of {column.Type}" : $"{column.Name} is missing")
            .ToList();
        return broken.Count == 0
            ? null
            : new GateFailure(
                Id,
                $"{candidate.Version.Id.Table} cannot show the columns that readers of '{candidate.Name}' have now: {string.Join("; ", broken)}.",
                "Add them to a new version, or switch without '--keep-contract' when no reader needs them.");
    }
}
