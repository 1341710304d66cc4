namespace Projections.Events;

/// <summary>
/// An event as its source stores it, undecoded. A value, so that a replay of millions makes no object for each;
/// <see cref="Data"/> and <see cref="Metadata"/> are slices of the batch's buffer and live no longer than the batch
/// (<see cref="EventBatch"/>).
/// </summary>
public readonly struct RecordedEvent
{
    /// <summary>The event's place in the source's global order.</summary>
    public required EventPosition Position { get; init; }

    public required StreamId Stream { get; init; }

    /// <summary>The event's place in its stream, as the store counts (Marten from 1, message-db and EventStoreDB from 0).</summary>
    public required long StreamVersion { get; init; }

    /// <summary>The event type's name in the store, one instance for all events of that type in a batch.</summary>
    public required string Type { get; init; }

    /// <summary>The event's body, JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>Headers or metadata, a JSON object in UTF-8; empty where the store has none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>When the event was stored, in UTC, as the store says.</summary>
    public required DateTime Time { get; init; }

    /// <summary>The tenant, or <c>null</c> where the store knows none.</summary>
    public string? Tenant { get; init; }
}
