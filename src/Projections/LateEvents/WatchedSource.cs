using System.Runtime.CompilerServices;
using Projections.Events;

namespace Projections.LateEvents;

/// <summary>
/// A source that gives numbers up, of which no new head is learned before it was looked whether something has turned up behind it: an
/// event that follows a late one was appended after it, so who reads up to that head knows of the late one first.
/// </summary>
internal sealed class WatchedSource(IEventSource source, LateEventWatch watch) : IEventSource
{
    private WatchedSource? _history;

    public string Identity => source.Identity;

    public IEventSource History => ReferenceEquals(source.History, source) ? this : _history ??= new WatchedSource(source.History, watch);

    public IGivenUpNumbers? GivenUp => source.GivenUp;

    public bool StreamsAreNamedPerTenant => source.StreamsAreNamedPerTenant;

    public async Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken)
    {
        var head = await source.GetSafeHeadAsync(cancellationToken);
        await watch.LookAsync(cancellationToken);
        return head;
    }

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in source.ReadAsync(after, upTo, filter, cancellationToken))
        {
            after = WatchExamined(after, batch, filter);
            yield return batch;
        }
    }

    public async IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in source.FollowAsync(after, filter, cancellationToken))
        {
            await watch.LookAsync(cancellationToken);
            after = WatchExamined(after, batch, filter);
            yield return batch;
        }
    }

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        source.EstimateCountAsync(after, filter, cancellationToken);

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => source.GetTimeOfNextAsync(after, cancellationToken);

    public Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) => source.FindAsync(position, cancellationToken);

    public Task<EventPosition?> LocateAsync(EventReference reference, CancellationToken cancellationToken) => source.LocateAsync(reference, cancellationToken);

    public Task<IReadOnlyList<string>> FindObstaclesAsync(EventFilter filter, CancellationToken cancellationToken) =>
        source.FindObstaclesAsync(filter, cancellationToken);

    public Task<LostBeginnings> FindLostBeginningsAsync(EventFilter filter, CancellationToken cancellationToken) =>
        source.FindLostBeginningsAsync(filter, cancellationToken);

    public Task<bool> HasLostBeginningAsync(RecordedEvent one, CancellationToken cancellationToken) => source.HasLostBeginningAsync(one, cancellationToken);

    public Task<(long Count, string? Example)> FindSilentlyArchivedAsync(EventFilter filter, CancellationToken cancellationToken) =>
        source.FindSilentlyArchivedAsync(filter, cancellationToken);

    public Task<string?> DescribeHistoryAsync(CancellationToken cancellationToken) => source.DescribeHistoryAsync(cancellationToken);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    // A tail reads ahead of those who fold: a number that they have yet to pass may turn up, and be followed, before they do.
    private EventPosition WatchExamined(EventPosition after, EventBatch batch, EventFilter filter)
    {
        if (filter.Streams is null)
        {
            watch.WatchExamined(after, batch.Through);
        }

        return batch.Through;
    }
}
