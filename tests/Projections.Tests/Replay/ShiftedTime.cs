namespace Projections.Tests.Replay;

/// <summary>A clock that stands still until a test moves it. Who waits for a length of time looks at it again and again.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime == Timeout.InfiniteTimeSpan ? dueTime : Soon, Timeout.InfiniteTimeSpan);
}
