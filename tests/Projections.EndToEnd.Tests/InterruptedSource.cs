using System.Runtime.CompilerServices;
using Projections.Events;

namespace Projections.EndToEnd;

/// <summary>A source that does something before a few streams are read by themselves: at the moment at which rows are folded anew.</summary>
internal sealed class InterruptedSource(IEventSource source, Func<Task> interrupt) : SourceInFront(source)
{
    public override async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (filter.Streams is not null)
        {
            await interrupt();
        }

        await foreach (var batch in base.ReadAsync(after, upTo, filter, cancellationToken))
        {
            yield return batch;
        }
    }
}
