using Projections.Definitions;

namespace Projections.Feeds;

/// <summary>A projection has no feed, or has it no more.</summary>
public sealed class FeedOff : Exception
{
    internal FeedOff(ProjectionName projection)
        : base($"'{projection}' has no feed. Start it with 'projections feed {projection} start'.")
        => Projection = projection;

    /// <summary>Which one.</summary>
    public ProjectionName Projection { get; }
}
