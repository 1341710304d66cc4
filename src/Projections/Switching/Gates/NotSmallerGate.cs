using System.Globalization;

namespace Projections.Switching.Gates;

/// <summary>The version is not empty, nor far smaller than the live one, unless that is declared.</summary>
internal sealed class NotSmallerGate : ISwitchGate
{
    public string Id => "not-smaller";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        var share = candidate.Definition?.SmallestShareOfLive ?? 0;
        if (candidate.Asked.AllowSmaller || share == 0 || candidate.Projection.Live is not { HasTable: true } live)
        {
            return null;
        }

        // An estimate is fresh by another gate.
        var before = (await RowCount.OfAsync(candidate.Connection, candidate.Schema, live.Id.Table, cancellationToken)).Rows;
        var after = (await RowCount.OfAsync(candidate.Connection, candidate.Schema, candidate.Version.Id.Table, cancellationToken)).Rows;
        return after >= before * share
            ? null
            : new GateFailure(
                Id,
                string.Create(CultureInfo.InvariantCulture, $"{candidate.Version.Id.Table} has {after} rows and the live {live.Id.Table} has {before}; less than {share:0.##} of the live rows is suspicious."),
                $"If that is meant, say so with '--allow-smaller', or by SmallestShareOfLive in {candidate.Definition!.Files.Folder}.");
    }
}
