using Projections.Catalog;
using Projections.Verification;

namespace Projections.Reports;

/// <summary>How the last comparison of a version with the live one came out, as every door tells it.</summary>
/// <param name="With">The live version.</param>
/// <param name="Agrees">Whether no row differed in what is not meant to differ.</param>
/// <param name="At">When.</param>
internal sealed record VerifiedReport(int With, bool Agrees, DateTime At)
{
    /// <returns>The report, or <c>null</c> when the two were not compared, or reads could not be switched to the version anyway.</returns>
    internal static async Task<VerifiedReport?> ReadAsync(ProjectionSystem system, VersionSnapshot version, VersionSnapshot? live, CancellationToken cancellationToken)
    {
        if (live is null || version.State is not (VersionState.Ready or VersionState.Standby))
        {
            return null;
        }

        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var last = await Verifications.FindLastAsync(connection, live, version, cancellationToken);
        return last is null ? null : new VerifiedReport(live.Id.Number, last.Agrees, last.At);
    }
}
