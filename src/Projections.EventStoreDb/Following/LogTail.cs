using Microsoft.Extensions.Logging;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.Following;

/// <summary>
/// One subscription to the end of the log for all who wait for events. It begins when somebody waits, and ends some time after the
/// last one has gone. What it has brought lately can be read from it.
/// </summary>
internal sealed partial class LogTail(IEventLog log, EventStoreDbSourceOptions options) : IAsyncDisposable
{
    // Who follows comes back within milliseconds; a subscription costs the server something to begin.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    // Who follows reads at once, so what is kept is little.
    private const int MostRecentEvents = 2_000;

    private readonly Lock _lock = new();
    private readonly RecentEvents _recent = new(Math.Min(MostRecentEvents, options.BatchEvents), options.BatchBytes);
    private readonly CancellationTokenSource _disposed = new();
    private TaskCompletionSource _moved = New();
    private SafeHead? _head;
    private Task _following = Task.CompletedTask;
    private bool _isFollowing;
    private int _waiting;

    /// <summary>Waits until the log has something after <paramref name="after"/>.</summary>
    /// <exception cref="EventSourceUnavailable">The store cannot be reached.</exception>
    /// <exception cref="EventSourceUnusable">The store does not let us subscribe.</exception>
    public async Task<SafeHead> WaitAsync(EventPosition after, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            while (true)
            {
                Task moved;
                lock (_lock)
                {
                    if (_head is { } head && head.Position > after)
                    {
                        return head;
                    }

                    moved = _moved.Task;
                    if (!_isFollowing)
                    {
                        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
                        _isFollowing = true;
                        _following = Task.Run(() => FollowAsync(_disposed.Token), CancellationToken.None);
                    }
                }

                await moved.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>What the subscription has brought of a range; <c>null</c> when the range must be read from the log.</summary>
    public EventBatch? FindRecent(EventPosition after, EventPosition upTo, EventFilter filter)
    {
        lock (_lock)
        {
            return _recent.Find(after, upTo, filter);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task following;
        lock (_lock)
        {
            _disposed.Cancel();
            following = _following;
        }

        await following;
        _disposed.Dispose();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task FollowAsync(CancellationToken disposed)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(disposed);
        var idle = StopWhenIdleAsync(stop);
        try
        {
            await FollowUntilStoppedAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !disposed.IsCancellationRequested)
        {
            End(moved => moved.SetResult());
        }
        catch (Exception exception)
        {
            End(moved => moved.SetException(exception));
        }

        await stop.CancelAsync();
        await idle;
    }

    private async Task FollowUntilStoppedAsync(CancellationToken cancellationToken)
    {
        var again = new TryAgain(options);
        while (true)
        {
            try
            {
                // Asked anew each time: after a break the log may end elsewhere, even earlier.
                var end = await log.FindEndAsync(cancellationToken);
                Move(new SafeHead(end.Position, end.Highest), () => _recent.Begin(end.Position));
                var isLive = false;
                await foreach (var batch in log.FollowAsync(end.Position, cancellationToken))
                {
                    again.Succeeded();
                    if (isLive && !batch.IsLive)
                    {
                        LogFellBehind(options.Logger, log.Name, batch.Events.Through);
                    }

                    isLive = batch.IsLive;
                    var through = batch.Events.Through;
                    Move(new SafeHead(through, through), () => _recent.Add(batch.Events));
                    batch.Events.Dispose();
                }
            }
            catch (EventStoreDbException failure)
            {
                await again.PauseAsync(failure, cancellationToken);
            }
        }
    }

    private void Move(SafeHead head, Action keep)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            keep();
            if (_head == head)
            {
                return;
            }

            _head = head;
            (moved, _moved) = (_moved, New());
        }

        moved.SetResult();
    }

    // What was known of the end is not to be trusted later. Who has come just now begins a new subscription.
    private void End(Action<TaskCompletionSource> tell)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            _head = null;
            _isFollowing = false;
            _recent.Forget();
            (moved, _moved) = (_moved, New());
        }

        tell(moved);
    }

    private async Task StopWhenIdleAsync(CancellationTokenSource stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Linger, options.Time, stop.Token);
                if (Volatile.Read(ref _waiting) == 0)
                {
                    await stop.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The subscription has ended, or has just been told to.
        }
    }

    [LoggerMessage(902, LogLevel.Information, "The subscription to {Log} is at {Position} and behind the end of the log; the server catches it up.")]
    private static partial void LogFellBehind(ILogger logger, string log, EventPosition position);
}
