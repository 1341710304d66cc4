using Projections.Tables;

namespace Projections.Switching.Gates;

/// <summary>Every index of the table can be used.</summary>
internal sealed class IndexesValidGate : ISwitchGate
{
    public string Id => "indexes-valid";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var invalid = await candidate.Connection.QueryAsync(
            "select indexrelid::regclass::text from pg_index where indrelid = to_regclass($1) and not (indisvalid and indisready and indislive) order by 1",
            row => row.GetString(0),
            cancellationToken,
            SqlName.Quote(candidate.Schema, candidate.Version.Id.Table));
        return invalid.Count == 0
            ? null
            : new GateFailure(
                Id,
                $"{string.Join(", ", invalid)} of {candidate.Version.Id.Table} {(invalid.Count == 1 ? "is" : "are")} not valid, so readers would not be served by {(invalid.Count == 1 ? "it" : "them")}.",
                $"Run 'REINDEX INDEX CONCURRENTLY {invalid[0]}'.");
    }
}
