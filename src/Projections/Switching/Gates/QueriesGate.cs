using System.Globalization;
using Projections.Catalog;
using Projections.Switching.Queries;

namespace Projections.Switching.Gates;

/// <summary>
/// Nothing that readers were seen to send fails, or gets a plan that is far worse, behind the version. Open where the database keeps no account of
/// statements, and on the way back: there, readers have been before.
/// </summary>
internal sealed class QueriesGate : ISwitchGate
{
    private const int Told = 3;

    public string Id => "queries-hold";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (candidate.Asked.AcceptSlower || candidate.Version.Role == VersionRole.Standby
            || await ReadersQuery.FindAsync(candidate.Connection, candidate.Name, cancellationToken) is not { Count: > 0 } queries)
        {
            return null;
        }

        var report = await candidate.System.Queries.CompareAsync(
            candidate.Connection, candidate.Projection, candidate.Version.Id, candidate.Asked.KeepContract, queries, cancellationToken);
        return report is null or { Findings.Count: 0 }
            ? null
            : new GateFailure(
                Id,
                string.Create(CultureInfo.InvariantCulture, $"{report.Findings.Count} of {report.Planned} statements that readers send to '{candidate.Name}' would be worse off: ")
                    + string.Join("; ", report.Findings.Take(Told).Select(finding => $"«{finding.Query}»: {finding.Problem}")) + ".",
                $"'projections plan {candidate.Name} --to {candidate.Version.Id.Number} --queries' lists them. Give the version what they need, or switch with '--accept-slower'.");
    }
}
