using System.Globalization;
using Projections.Postgres;

namespace Projections.Switching.Gates;

/// <summary>The version is not empty, nor far smaller than the live one, unless that is declared.</summary>
internal sealed class NotSmallerGate : ISwitchGate
{
    /// <summary>Up to here rows are counted; beyond it the planner's estimate, fresh by another gate, is near enough.</summary>
    private const double CountedRows = 100_000;

    public string Id => "not-smaller";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var share = candidate.Definition?.SmallestShareOfLive ?? 0;
        if (candidate.Asked.AllowSmaller || share == 0 || candidate.Projection.Live is not { HasTable: true } live)
        {
            return null;
        }

        var before = await CountAsync(candidate, live.Id.Table, cancellationToken);
        var after = await CountAsync(candidate, candidate.Version.Id.Table, cancellationToken);
        return after >= before * share
            ? null
            : new GateFailure(
                Id,
                string.Create(CultureInfo.InvariantCulture, $"{candidate.Version.Id.Table} has {after:0} rows and the live {live.Id.Table} has {before:0}; less than {share:0.##} of the live rows is suspicious."),
                $"If that is meant, say so with '--allow-smaller', or by SmallestShareOfLive in {candidate.Definition!.Files.Folder}.");
    }

    private static async Task<double> CountAsync(SwitchCandidate candidate, string table, CancellationToken cancellationToken)
    {
        var quoted = SqlName.Quote(candidate.Schema, table);
        var estimate = await candidate.Connection.ScalarAsync<float>(
            "select reltuples from pg_class where oid = to_regclass($1)", cancellationToken, quoted);
        return estimate > CountedRows
            ? estimate
            : await candidate.Connection.ScalarAsync<long>($"select count(*) from {quoted}", cancellationToken);
    }
}
