using Projections.Events.Reading;

namespace Projections.Events;

/// <summary>
/// Where events are read from. The one thing that a store must provide to be projected from; every source passes the
/// same conformance suite. A source may be used by several readers at once.
/// </summary>
public interface IEventSource : IAsyncDisposable
{
    /// <summary>
    /// What the source is, stable over restarts and free of secrets, such as <c>marten public.mt_events</c>. A checkpoint
    /// means nothing in another source, so the catalog keeps this beside it.
    /// </summary>
    string Identity { get; }

    /// <summary>The numbers that it gave up by time, or <c>null</c> (the default) for a source that passes nothing without a proof.</summary>
    IGivenUpNumbers? GivenUp => null;

    /// <summary>Whether a stream's name is unique only within its tenant, so that two tenants may have a stream each of one name.</summary>
    bool StreamsAreNamedPerTenant => false;

    /// <summary>
    /// The same events and the same head for who reads all of history: where a store has a copy that spares it the work, that is read. What the source
    /// itself has shown to be there is there too, only that it may take a while. The default is the source itself.
    /// </summary>
    IEventSource History => this;

    /// <summary>Finds the safe head as it is now. Cheap enough to be called many times a second.</summary>
    /// <exception cref="EventSourceUnavailable">The store could not be reached; trying again may help.</exception>
    /// <exception cref="EventSourceUnusable">The store is there but cannot be read correctly; trying again does not help.</exception>
    Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads events after <paramref name="after"/> up to and with <paramref name="upTo"/>, in order, in batches with
    /// bounded memory. <paramref name="upTo"/> must not lie beyond a safe head that this source has given. The last batch's
    /// <see cref="EventBatch.Through"/> is <paramref name="upTo"/>, also when no event matched.
    /// </summary>
    IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after,
        EventPosition upTo,
        EventFilter filter,
        CancellationToken cancellationToken);

    /// <summary>
    /// Gives what lies after <paramref name="after"/>, and then what is new as it comes, in order, without end, and never beyond the safe head. A
    /// batch without events tells that others came, which the filter does not want. Batches are bounded as those of <see cref="ReadAsync"/> are,
    /// and take no more memory than their <see cref="EventBatch.Size"/>, so that they may be kept. Nothing is read ahead of who asks. Costs next
    /// to nothing while nothing happens; after a rest an event comes within a tenth of a second, and much sooner while events keep coming.
    /// </summary>
    /// <remarks>By default the head is looked at again and again (<see cref="HeadPolling"/>). A source whose store tells what is new passes that on.</remarks>
    /// <exception cref="EventSourceUnavailable">The store could not be reached; following again from where it was may help.</exception>
    /// <exception cref="EventSourceUnusable">The store is there but cannot be followed; trying again does not help.</exception>
    IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        new HeadPolling().FollowAsync(this, after, filter, cancellationToken);

    /// <summary>
    /// Counts or, where that takes long, estimates how many events that the filter wants lie after <paramref name="after"/>. For
    /// showing progress and lag only.
    /// </summary>
    Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken);

    /// <summary>
    /// When the first event after <paramref name="after"/> (of any type) up to the safe head was stored, in UTC, or
    /// <c>null</c> when there is none. The lag in seconds is counted from it.
    /// </summary>
    Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken);

    /// <summary>
    /// The event at a position, of whatever type, with or without its body; <c>null</c> when it is gone (archived, scavenged, compacted), or
    /// the source cannot say. By it a store is recognised that was restored to an earlier point and filled again.
    /// </summary>
    Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) => Task.FromResult<RecordedEvent?>(null);

    /// <summary>
    /// Where an event is; <c>null</c> when there is none such, or none that can be seen yet. The default reads the stream up to the safe head, and finds nothing
    /// by ids.
    /// </summary>
    /// <exception cref="EventSourceUnavailable">The store could not be reached; trying again may help.</exception>
    /// <exception cref="EventSourceUnusable">The store does not find events in that way; the message says in which it does.</exception>
    Task<EventPosition?> LocateAsync(EventReference reference, CancellationToken cancellationToken) => new StreamSearch(this).LocateAsync(reference, cancellationToken);

    /// <summary>
    /// Looks for what keeps history from being read whole: events that were deleted in favour of others, and wanted ones that only their
    /// application can read. May read all of the store; for the time before a replay.
    /// </summary>
    /// <returns>What was found, a sentence or two each with what to do; empty (the default) when nothing was.</returns>
    Task<IReadOnlyList<string>> FindObstaclesAsync(EventFilter filter, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>
    /// Looks for streams whose first events are gone while later ones that the filter wants are left, and for traces of those of which nothing is
    /// left. May read all of the store; for the time before a replay.
    /// </summary>
    Task<LostBeginnings> FindLostBeginningsAsync(EventFilter filter, CancellationToken cancellationToken) => Task.FromResult(LostBeginnings.None);

    /// <summary>
    /// Whether the stream of an event no longer has its first event. A look at one stream, for the rare event that changes a row which is missing.
    /// The default is no.
    /// </summary>
    /// <exception cref="EventSourceUnavailable">The store could not be reached; trying again may help.</exception>
    Task<bool> HasLostBeginningAsync(RecordedEvent one, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Looks for streams that are archived without an event that says so, of the filter's category.</summary>
    /// <returns>How many there are, and the name of one; 0 (the default) in a store that archives nothing.</returns>
    Task<(long Count, string? Example)> FindSilentlyArchivedAsync(EventFilter filter, CancellationToken cancellationToken) => Task.FromResult<(long, string?)>((0, null));

    /// <summary>
    /// Where <see cref="History"/> would be read now; asked of the history itself, where it is being read and what it waits for. <c>null</c> (the default) when
    /// that is the store itself.
    /// </summary>
    /// <returns>Words from the middle of a sentence, without a stop at the end.</returns>
    Task<string?> DescribeHistoryAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
