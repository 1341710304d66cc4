using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Switching;

/// <summary>A version that reads are to go to, and its projection as the gates saw it.</summary>
internal sealed record SwitchTarget(VersionId To, ProjectionSnapshot Projection)
{
    /// <summary>Whether reads go there already, so that nothing is to be done.</summary>
    public bool IsLive => Projection.LiveVersion == To.Number;
}
