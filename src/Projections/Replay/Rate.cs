namespace Projections.Replay;

/// <summary>A smoothed rate of events a second, for people to read.</summary>
internal sealed class Rate(TimeProvider time)
{
    private long _since = time.GetTimestamp();
    private long _events;

    public double? PerSecond { get; private set; }

    public void Add(int events)
    {
        _events += events;
        var passed = time.GetElapsedTime(_since).TotalSeconds;
        if (passed < 0.25)
        {
            return;
        }

        var now = _events / passed;
        // Half of the weight lies in the last quarter of a second or so: steady enough to read, quick enough to see a change.
        PerSecond = PerSecond is { } before ? (before + now) / 2 : now;
        _events = 0;
        _since = time.GetTimestamp();
    }
}
