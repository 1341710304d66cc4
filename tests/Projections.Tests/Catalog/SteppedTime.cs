using System.Collections.Concurrent;

namespace Projections.Tests.Catalog;

/// <summary>A clock whose timers are due when a test says so.</summary>
internal sealed class SteppedTime : TimeProvider
{
    public const string Refusal = "There is no such timer.";

    private readonly ConcurrentDictionary<SteppedTimer, bool> _timers = new();

    /// <summary>Who would wait for so long cannot.</summary>
    public TimeSpan? Refused { get; init; }

    /// <summary>Lets all timers be due that there are now.</summary>
    public void Fire()
    {
        foreach (var timer in _timers.Keys)
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Refused)
        {
            throw new NotSupportedException(Refusal);
        }

        var timer = new SteppedTimer(this, callback, state);
        _timers[timer] = true;
        return timer;
    }

    private sealed class SteppedTimer(SteppedTime time, TimerCallback callback, object? state) : ITimer
    {
        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => time._timers.TryRemove(this, out _);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
