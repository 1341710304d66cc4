namespace Projections.EventStoreDb.TestServer.Faults;

/// <summary>What goes wrong with an answer.</summary>
public enum Fault
{
    /// <summary>The stream is reset (RST_STREAM).</summary>
    Reset,

    /// <summary>Nothing more comes, until the caller gives up.</summary>
    Stall,

    /// <summary>The answer goes on a few bytes at a time.</summary>
    Trickle,

    /// <summary>The answer ends well, in the middle of a message.</summary>
    TruncatedFrame,

    /// <summary>A message is announced as longer than can be.</summary>
    HugeFrame,

    /// <summary>A message comes marked as compressed.</summary>
    CompressedFrame,

    /// <summary>A frame holds bytes that are no message.</summary>
    GarbledMessage,

    /// <summary>The answer ends with a status that is no number.</summary>
    WrongTrailers,

    /// <summary>The answer ends without a status.</summary>
    NoTrailers,

    /// <summary>The server is too busy, or not ready.</summary>
    Unavailable,

    /// <summary>More was appended at once than the server keeps for a subscription.</summary>
    ConsumerTooSlow,

    /// <summary>The server has an error of its own.</summary>
    Unknown,

    /// <summary>The node is not the leader, and says who is.</summary>
    NotLeader,
}
