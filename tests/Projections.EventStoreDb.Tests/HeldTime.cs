using System.Threading.Channels;

namespace Projections.EventStoreDb.Tests;

/// <summary>A clock whose timers wait for the test: nothing falls due by itself.</summary>
internal sealed class HeldTime : TimeProvider
{
    private readonly Channel<HeldTimer> _timers = Channel.CreateUnbounded<HeldTimer>();

    /// <summary>The next timer that is made, as soon as it is; those that have been disposed too.</summary>
    public ValueTask<HeldTimer> NextTimerAsync() => _timers.Reader.ReadAsync();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HeldTimer(() => callback(state), dueTime);
        _timers.Writer.TryWrite(timer);
        return timer;
    }

    internal sealed class HeldTimer(Action callback, TimeSpan due) : ITimer
    {
        public TimeSpan Due => due;

        public void Fire() => callback();

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
