namespace Projections.Replay;

/// <summary>Keeps a replay to a number of events a second, which may change, or be lifted, while it runs.</summary>
internal sealed class Throttle(TimeProvider time)
{
    private long _since = time.GetTimestamp();
    private double _owed;

    /// <summary>Waits as long as <paramref name="events"/> more events are ahead of <paramref name="perSecond"/>.</summary>
    public async ValueTask DelayAsync(int events, int? perSecond, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        var passed = time.GetElapsedTime(_since, now).TotalSeconds;
        _since = now;
        if (perSecond is not { } rate)
        {
            _owed = 0;
            return;
        }

        // What was not used is not saved up: after a pause the rate is kept all the same.
        _owed = Math.Max(0, _owed - passed) + ((double)events / rate);
        if (_owed > 0.001)
        {
            // Two seconds at most, so that a rate of less than one event a second is lifted soon, too.
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(_owed, 2)), time, cancellationToken);
        }
    }
}
