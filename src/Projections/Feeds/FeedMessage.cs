namespace Projections.Feeds;

/// <summary>A message of a feed.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="Cursor">From where on the next one comes; <c>null</c> within a snapshot, which begins anew when it is interrupted.</param>
/// <param name="Json">The message, an object in JSON (UTF-8) on one line.</param>
public readonly record struct FeedMessage(FeedMessageKind Kind, FeedCursor? Cursor, ReadOnlyMemory<byte> Json)
{
    /// <summary>The kind's name: <c>changes</c>.</summary>
    public string Name => Kind switch
    {
        FeedMessageKind.Snapshot => "snapshot",
        FeedMessageKind.Switched => "switched",
        FeedMessageKind.Rows => "rows",
        FeedMessageKind.Settled => "settled",
        _ => "changes",
    };
}

/// <summary>What a message of a feed tells.</summary>
public enum FeedMessageKind
{
    /// <summary>All rows follow, as readers see them: a copy is to be emptied.</summary>
    Snapshot,

    /// <summary>Readers see another version. The rows in which it differs follow, or all of them where it says <c>clear</c>.</summary>
    Switched,

    /// <summary>Rows as they are, of a snapshot or behind a switch: key and row, which is <c>null</c> where there is none.</summary>
    Rows,

    /// <summary>Those were all: a copy is what readers saw at the position.</summary>
    Settled,

    /// <summary>What an event, or a correction, did to rows: key, the row before and after. Each message is one event's.</summary>
    Changes,
}
