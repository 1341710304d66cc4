using Projections.Definitions;

namespace Projections.Catalog;

/// <summary>Another worker holds the version now; nothing was written. The work goes on there.</summary>
internal sealed class LeaseLost(VersionId version, LeaseEpoch epoch)
    : Exception($"The lease on {version} (epoch {epoch}) was lost: another worker has taken the version over, or it was aborted. Nothing was written; the work goes on there from the checkpoint.")
{
    public VersionId VersionId { get; } = version;
}
