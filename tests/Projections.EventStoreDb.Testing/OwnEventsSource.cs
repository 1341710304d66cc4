using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.Testing;

/// <summary>A source that hides what is not of one test: a store that others use too then looks like one of the test's own.</summary>
internal sealed class OwnEventsSource(IEventSource all, StoreUnderTest store) : IEventSource
{
    private readonly SemaphoreSlim _looking = new(1);
    private EventPosition _seen = store.Start;
    private EventPosition _last = EventPosition.BeforeFirst;

    public string Identity => all.Identity;

    public async Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => (await LookAsync(cancellationToken)).Head;

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in all.ReadAsync(From(after), upTo, Own(filter), cancellationToken))
        {
            var own = OwnOf(batch);
            yield return new EventBatch(own, own.Length, batch.Through, batch.Dispose);
        }
    }

    // Not filtered by the source: it would come further than the test's own last event, which is the head here.
    public async IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var selection = EventSelection.Of(Own(filter));
        await foreach (var batch in all.FollowAsync(From(after), EventFilter.All, cancellationToken))
        {
            using (batch)
            {
                if (OwnOf(batch) is [.., var last] own)
                {
                    var wanted = own.Where(one => selection.MayWant(one.Type, one.Stream)).ToArray();
                    yield return new EventBatch(wanted, wanted.Length, last.Position).Copy();
                }
            }
        }
    }

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        all.EstimateCountAsync(From(after), Own(filter), cancellationToken);

    public async Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) =>
        (await GetSafeHeadAsync(cancellationToken)).Position > after ? await all.GetTimeOfNextAsync(From(after), cancellationToken) : null;

    public Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) => all.FindAsync(position, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await all.DisposeAsync();
        _looking.Dispose();
    }

    private RecordedEvent[] OwnOf(EventBatch batch) => [.. batch.Memory.ToArray().Where(one => store.Owns(one.Stream))];

    // The head is the last event of the test's own: what others append moves it not.
    private async Task<(SafeHead Head, EventPosition Seen)> LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            var head = await all.GetSafeHeadAsync(cancellationToken);
            await foreach (var batch in all.ReadAsync(_seen, head.Position, EventFilter.All, cancellationToken))
            {
                using (batch)
                {
                    foreach (var one in batch.Events)
                    {
                        _last = store.Owns(one.Stream) ? one.Position : _last;
                    }

                    _seen = batch.Through;
                }
            }

            return (new SafeHead(_last, _last), _seen);
        }
        finally
        {
            _looking.Release();
        }
    }

    private EventPosition From(EventPosition after) => EventPosition.Max(after, store.Start);

    private EventFilter Own(EventFilter filter) => filter.Category is null ? filter : filter with { Category = store.Named(filter.Category) };
}
