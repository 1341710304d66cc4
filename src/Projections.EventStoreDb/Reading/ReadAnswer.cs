namespace Projections.EventStoreDb.Reading;

/// <summary>What one message of an answer to a read is.</summary>
internal enum ReadAnswer
{
    /// <summary>Something that a reader needs not know: that a subscription has begun or fallen behind, or that a stream does not exist,
    /// which is one without events.</summary>
    Other,

    /// <summary>An event that is wanted.</summary>
    Event,

    /// <summary>An event that is not wanted, or a link to one that is gone: only its position counts.</summary>
    PassedOver,

    /// <summary>How far a filtered subscription has searched.</summary>
    Checkpoint,

    CaughtUp,
}
