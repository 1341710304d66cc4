using Projections.Events;

namespace Projections.PostgresEvents.Heads;

/// <summary>
/// Looks at the head again and again while somebody waits, in one rhythm for all who wait: quickly while events arrive, slowly
/// while nothing happens, and not at all when nobody waits.
/// </summary>
internal sealed class HeadWatch(HeadObserver observer, PostgresEventSourceOptions options) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private Task<SafeHead>? _nextLook;
    private TimeSpan _interval = options.BusyInterval;
    private long _lastLook;

    public async Task<SafeHead> WaitAsync(EventPosition after, CancellationToken cancellationToken)
    {
        while (true)
        {
            var head = await NextLook().WaitAsync(cancellationToken);
            if (head.Position > after)
            {
                return head;
            }
        }
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _disposed.Dispose();
    }

    private Task<SafeHead> NextLook()
    {
        lock (_lock)
        {
            if (_nextLook is null or { IsCompleted: true })
            {
                _nextLook = LookAfterPauseAsync(_disposed.Token);
            }

            return _nextLook;
        }
    }

    private async Task<SafeHead> LookAfterPauseAsync(CancellationToken cancellationToken)
    {
        // The first look after a long time needs no pause.
        var pause = _lastLook == 0 ? TimeSpan.Zero : _interval - options.Time.GetElapsedTime(_lastLook);
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, options.Time, cancellationToken);
        }

        var before = observer.Latest;
        try
        {
            var head = await observer.LookAsync(cancellationToken);
            var isBusy = head.Highest != before?.Highest || head.Position != before.Position;
            _interval = isBusy ? options.BusyInterval : Shorter(_interval * 2, options.IdleInterval);
            return head;
        }
        finally
        {
            _lastLook = options.Time.GetTimestamp();
        }
    }

    private static TimeSpan Shorter(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
