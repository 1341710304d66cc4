using Projections.Events;

namespace Projections.Feeds;

/// <summary>Where whoever reads a feed begins.</summary>
public abstract record FeedStart
{
    private FeedStart()
    {
    }

    /// <summary>All rows as readers see them now, and then what becomes of them.</summary>
    public static FeedStart Snapshot { get; } = new FromSnapshot();

    /// <summary>What follows a message that was read before.</summary>
    /// <param name="cursor">The message's.</param>
    public static FeedStart After(FeedCursor cursor) => new AfterCursor(cursor);

    /// <summary>What follows a position that somebody's copy is at: whose rows were read in one transaction with the checkpoint of the version that was live.</summary>
    /// <param name="position">The position. A switch or a correction at just this position comes (once more), as nobody can tell whether the copy has it.</param>
    public static FeedStart After(EventPosition position) => new AfterPosition(position);

    /// <summary>Reads a cursor or a position.</summary>
    /// <param name="text"><c>8812-0-3</c>, <c>561400</c> or <c>8812/8790</c>.</param>
    /// <param name="start">Where it is; <c>null</c> when it is neither.</param>
    public static bool TryParse(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FeedStart? start)
    {
        start = FeedCursor.TryParse(text, out var cursor) ? After(cursor) : EventPosition.TryParse(text, out var position) ? After(position) : null;
        return start is not null;
    }

    internal sealed record FromSnapshot : FeedStart;

    internal sealed record AfterCursor(FeedCursor Cursor) : FeedStart;

    internal sealed record AfterPosition(EventPosition Position) : FeedStart;
}
