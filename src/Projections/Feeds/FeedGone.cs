using Projections.Definitions;

namespace Projections.Feeds;

/// <summary>What follows the place from which somebody wants to read on is not kept any more.</summary>
public sealed class FeedGone : Exception
{
    internal FeedGone(ProjectionName projection, FeedStart start)
        : base($"The feed of '{projection}' does not go back to {Place(start)}: it was started later, or what followed has been dropped since. Read it from a snapshot (without 'after'), which goes on from where it ends.")
        => Projection = projection;

    /// <summary>Whose feed it is.</summary>
    public ProjectionName Projection { get; }

    private static string Place(FeedStart start) => start switch
    {
        FeedStart.AfterCursor after => after.Cursor.ToString(),
        FeedStart.AfterPosition after => $"position {after.Position}",
        _ => "there",
    };
}
