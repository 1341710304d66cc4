using Projections.Events;

namespace Projections.EndToEnd;

/// <summary>A source that does something before it says where its safe head is.</summary>
internal sealed class AskedSource(IEventSource source, Func<Task> asked) : IEventSource
{
    public string Identity => source.Identity;

    public async Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken)
    {
        await asked().WaitAsync(cancellationToken);
        return await source.GetSafeHeadAsync(cancellationToken);
    }

    public IAsyncEnumerable<EventBatch> ReadAsync(EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken) =>
        source.ReadAsync(after, upTo, filter, cancellationToken);

    public IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        source.FollowAsync(after, filter, cancellationToken);

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        source.EstimateCountAsync(after, filter, cancellationToken);

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => source.GetTimeOfNextAsync(after, cancellationToken);

    /// <summary>The inner source is somebody else's.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
