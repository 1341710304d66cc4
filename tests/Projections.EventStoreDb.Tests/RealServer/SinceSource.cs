using Projections.Events;

namespace Projections.EventStoreDb.Tests.RealServer;

/// <summary>A source that hides what was there before: a store that others use too then looks like an empty one.</summary>
internal sealed class SinceSource(IEventSource all, EventPosition start) : IEventSource
{
    public string Identity => all.Identity;

    public async Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => Shown(await all.GetSafeHeadAsync(cancellationToken));

    public IAsyncEnumerable<EventBatch> ReadAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        all.ReadAsync(From(after), upTo, filter, cancellationToken);

    public async Task<SafeHead> WaitForEventsAsync(EventPosition after, CancellationToken cancellationToken) =>
        Shown(await all.WaitForEventsAsync(From(after), cancellationToken));

    public Task<long> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        all.EstimateCountAsync(From(after), filter, cancellationToken);

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) =>
        all.GetTimeOfNextAsync(From(after), cancellationToken);

    public ValueTask DisposeAsync() => all.DisposeAsync();

    private EventPosition From(EventPosition after) => EventPosition.Max(after, start);

    private SafeHead Shown(SafeHead head) => new(Shown(head.Position), Shown(head.Highest));

    private EventPosition Shown(EventPosition position) => position > start ? position : EventPosition.BeforeFirst;
}
