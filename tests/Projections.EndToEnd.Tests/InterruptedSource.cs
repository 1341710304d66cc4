using System.Runtime.CompilerServices;
using Projections.Events;

namespace Projections.EndToEnd;

/// <summary>A source that does something before a few streams are read by themselves: at the moment at which rows are folded anew.</summary>
internal sealed class InterruptedSource(IEventSource source, Func<Task> interrupt) : IEventSource
{
    public string Identity => source.Identity;

    public Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => source.GetSafeHeadAsync(cancellationToken);

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (filter.Streams is not null)
        {
            await interrupt();
        }

        await foreach (var batch in source.ReadAsync(after, upTo, filter, cancellationToken))
        {
            yield return batch;
        }
    }

    public Task<SafeHead> WaitForEventsAsync(EventPosition after, CancellationToken cancellationToken) => source.WaitForEventsAsync(after, cancellationToken);

    public Task<long> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) =>
        source.EstimateCountAsync(after, filter, cancellationToken);

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => source.GetTimeOfNextAsync(after, cancellationToken);

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
