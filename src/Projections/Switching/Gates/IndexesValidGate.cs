namespace Projections.Switching.Gates;

/// <summary>Every index of the table can be used.</summary>
internal sealed class IndexesValidGate : ISwitchGate
{
    public string Id => "indexes-valid";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var invalid = await InvalidIndexes.OfAsync(candidate.Connection, candidate.Schema, candidate.Version.Id.Table, cancellationToken);
        return invalid.Count == 0
            ? null
            : new GateFailure(
                Id,
                $"{string.Join(", ", invalid)} of {candidate.Version.Id.Table} {(invalid.Count == 1 ? "is" : "are")} not valid, so readers would not be served by {(invalid.Count == 1 ? "it" : "them")}.",
                $"Run 'REINDEX INDEX CONCURRENTLY {invalid[0]}'.");
    }
}
