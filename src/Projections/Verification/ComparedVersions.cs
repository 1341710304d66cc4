using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Verification;

/// <summary>Two versions as one snapshot shows them, in which their rows can be compared.</summary>
internal sealed record ComparedVersions(VersionSnapshot Earlier, VersionSnapshot Later)
{
    public ProjectionName Projection => Earlier.Id.Projection;

    /// <summary>Where both are, or <c>null</c> when another program writes one of them.</summary>
    public EventPosition? Position => Earlier.External || Later.External ? null : Later.Checkpoint;

    /// <summary>Whether they have the same tables as in another snapshot, filled by the same handlers.</summary>
    public bool HaveTheTablesOf(ComparedVersions other) =>
        (Earlier.Manifest, Earlier.StartedAt, Later.Manifest, Later.StartedAt) == (other.Earlier.Manifest, other.Earlier.StartedAt, other.Later.Manifest, other.Later.StartedAt);
}
