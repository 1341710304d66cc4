using System.Runtime.CompilerServices;

namespace Projections.Events.Reading;

/// <summary>
/// Follows a store that does not tell by itself when something is new: looks at its head again and again, quickly while events arrive and
/// slowly while nothing happens, and reads up to it.
/// </summary>
public sealed record HeadPolling
{
    /// <summary>How long after a look at the head the next one comes while events arrive. Default 5 milliseconds.</summary>
    public TimeSpan BusyInterval { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>The same while nothing happens; reached by doubling. Default 100 milliseconds.</summary>
    public TimeSpan IdleInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Where time comes from. Default the system's clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <inheritdoc cref="IEventSource.FollowAsync"/>
    /// <param name="source">What is asked for its head and read.</param>
    public async IAsyncEnumerable<EventBatch> FollowAsync(
        IEventSource source, EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(source);
        var interval = BusyInterval;
        SafeHead? before = null;
        while (true)
        {
            var head = await source.GetSafeHeadAsync(cancellationToken);
            var looked = Time.GetTimestamp();
            // What was given out and is not settled yet comes soon.
            var isBusy = head.Position != before?.Position || head.Highest != before.Highest;
            interval = isBusy ? BusyInterval : Shorter(interval * 2, IdleInterval);
            before = head;
            if (head.Position > after)
            {
                await foreach (var batch in source.ReadAsync(after, head.Position, filter, cancellationToken))
                {
                    after = batch.Through;
                    using (batch)
                    {
                        yield return batch.Copy();
                    }
                }
            }

            var pause = interval - Time.GetElapsedTime(looked);
            await Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, Time, cancellationToken);
        }
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
