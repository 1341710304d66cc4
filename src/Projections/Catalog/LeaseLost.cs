using Projections.Definitions;

namespace Projections.Catalog;

/// <summary>Another worker holds the version, or the shard, now; nothing was written. The work goes on there.</summary>
internal sealed class LeaseLost(Lease lease)
    : Exception($"The lease on {lease.Subject} (epoch {lease.Epoch}) was lost: another worker has taken it over{(lease.Shard is null ? "" : ", the shard was cut in two")}, or the version was aborted. Nothing was written; the work goes on there from the checkpoint.")
{
    public VersionId VersionId { get; } = lease.Version;
}
