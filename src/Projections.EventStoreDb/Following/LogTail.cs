using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.Following;

/// <summary>
/// Follows the log over failures: reads up to its end and subscribes from there, each time anew. Never from a place whose record was not just
/// seen: where that has been scavenged, servers up to 23.10 begin behind the next one.
/// </summary>
internal sealed class LogTail(IEventLog log, PatientReader reader, EventStoreDbSourceOptions options)
{
    /// <summary>How long after a look at a log that has not come to where it is followed from the next one comes.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Gives the wanted events after a position, without end, in batches that may be kept.</summary>
    /// <exception cref="EventSourceUnavailable">The store failed as often as the options allow.</exception>
    /// <exception cref="EventSourceUnusable">The store does not let us read or subscribe.</exception>
    public async IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var again = new TryAgain(options);
        while (true)
        {
            var end = await FindEndAsync(after, cancellationToken);
            await foreach (var batch in reader.ReadAsync(after, end, filter, cancellationToken))
            {
                again.Succeeded();
                after = batch.Through;
                using (batch)
                {
                    yield return batch.Copy();
                }
            }

            await using var subscription = log.FollowAsync(after, filter, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await NextAsync(subscription, again, cancellationToken) is { } batch)
            {
                after = batch.Through;
                using (batch)
                {
                    yield return batch.Copy();
                }
            }
        }
    }

    /// <summary>Waits until the node holds what was seen already, as one that lags behind another soon does.</summary>
    private async Task<EventPosition> FindEndAsync(EventPosition atLeast, CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = await TryAgain.RunAsync(() => log.FindEndAsync(cancellationToken), options, cancellationToken);
            if (end.Position >= atLeast)
            {
                return end.Position;
            }

            await Task.Delay(BetweenLooks, options.Time, cancellationToken);
        }
    }

    /// <returns><c>null</c> when the subscription has failed, and it is time for another.</returns>
    private static async ValueTask<EventBatch?> NextAsync(IAsyncEnumerator<EventBatch> subscription, TryAgain again, CancellationToken cancellationToken)
    {
        try
        {
            if (await subscription.MoveNextAsync())
            {
                again.Succeeded();
                return subscription.Current;
            }
        }
        catch (EventStoreDbException failure)
        {
            await again.PauseAsync(failure, cancellationToken);
        }

        return null;
    }
}
