using Projections.Events;

namespace Projections.EventStoreDb;

/// <summary>
/// The seam between the event source and whatever speaks with the store: <see cref="GrpcEventLog"/> here, the vendor's client
/// where it is at hand. A log neither retries nor translates its errors into a source's: it throws
/// <see cref="Errors.EventStoreDbException"/>, and the source decides. Safe for several readers at once.
/// </summary>
public interface IEventLog : IAsyncDisposable
{
    /// <summary>What is read, such as <c>$all</c>.</summary>
    string Name { get; }

    /// <summary>Where the log ends.</summary>
    Task<LogEnd> FindEndAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads what lies after <paramref name="after"/> up to <paramref name="upTo"/>, and ends with a batch whose
    /// <see cref="EventBatch.Through"/> is <paramref name="upTo"/>. Throws when the node that is read from does not hold
    /// <paramref name="upTo"/> yet: what it has not got must not count as not being there.
    /// </summary>
    IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// The same by a subscription: slower to begin, but the server says from time to time how far it has searched, so that a
    /// batch may come with no events and a higher <see cref="EventBatch.Through"/>.
    /// </summary>
    IAsyncEnumerable<EventBatch> SearchAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// Gives the events after <paramref name="after"/> that the filter wants as they come, by a subscription, and throws when that ends. A batch
    /// comes for the others too, system events among them, so that its <see cref="EventBatch.Through"/> follows the end of the log. Throws
    /// when the node does not hold <paramref name="after"/>. Servers up to 23.10 need the record at <paramref name="after"/> itself.
    /// </summary>
    IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken);

    /// <summary>Reads the first events after a position, of all types, system events too.</summary>
    Task<IReadOnlyList<RecordedEvent>> ReadFirstAsync(EventPosition after, int count, CancellationToken cancellationToken);

    /// <summary>Reads the event at a position, of whatever type; <c>null</c> when it is gone, or the log cannot be asked for one.</summary>
    Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) => Task.FromResult<RecordedEvent?>(null);

    /// <summary>
    /// The revision of the first event that an event's stream shows: <c>null</c> when it shows none, 0 (the default) where the log cannot be asked for it.
    /// </summary>
    Task<long?> FindFirstRevisionAsync(RecordedEvent one, CancellationToken cancellationToken) => Task.FromResult<long?>(0);

    /// <summary>
    /// Reads the last events before a place of the log, newest first, of all types, system events too. <c>null</c>, the default, where positions are not
    /// bytes of the log or the log cannot be asked: estimates are then rougher.
    /// </summary>
    /// <exception cref="Errors.InvalidPosition">It is no place of the log.</exception>
    Task<IReadOnlyList<RecordedEvent>?> ReadBeforeAsync(EventPosition position, int count, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RecordedEvent>?>(null);

    /// <summary>Reads the last events of the log, newest first, of all types, system events too.</summary>
    Task<IReadOnlyList<RecordedEvent>> ReadLastAsync(int count, CancellationToken cancellationToken);
}
