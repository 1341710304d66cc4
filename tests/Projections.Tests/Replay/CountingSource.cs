using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.Tests.Events;

namespace Projections.Tests.Replay;

/// <summary>A source of ten events a batch that counts how often it gives each, and how many batches were not given back yet.</summary>
/// <param name="events">How many events there are; their positions are 1, 2, and so on.</param>
internal sealed class CountingSource(int events) : IEventSource
{
    public const int BatchEvents = 10;

    private readonly int[] _given = new int[events + 1];
    private readonly Lock _lock = new();
    private volatile TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _open = events;
    private int _out;

    public string Identity => "counting";

    public EventPosition End => new(events);

    /// <summary>All positions.</summary>
    public IEnumerable<long> Positions => Enumerable.Range(1, events).Select(position => (long)position);

    /// <summary>How often each event was given that lies behind a position.</summary>
    public IEnumerable<int> TimesGiven(long after = 0) => _given.Skip((int)after + 1);

    /// <summary>How many readers wait at the end of what is open.</summary>
    public int Held { get; private set; }

    /// <summary>How many batches nobody has given back.</summary>
    public int Out => _out;

    /// <summary>How many of them there were at most.</summary>
    public int MostOut { get; private set; }

    /// <summary>At which position the source breaks.</summary>
    public long BreaksAt { get; init; } = long.MaxValue;

    /// <summary>Nothing behind the position is given until it is opened further.</summary>
    public void OpenTo(long position)
    {
        _open = position;
        var opened = _opened;
        _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        opened.SetResult();
    }

    public Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken) => Task.FromResult(new SafeHead(End, End));

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var first = Math.Max(after.Major, 0) + 1; first <= upTo.Major; first += BatchEvents)
        {
            await Task.Yield();
            await HoldAsync(first, cancellationToken);
            yield return first < BreaksAt ? Batch(first, Math.Min(first + BatchEvents - 1, upTo.Major)) : throw new EventSourceUnavailable("it broke", new IOException("it broke"));
        }
    }

    public Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task HoldAsync(long first, CancellationToken cancellationToken)
    {
        while (true)
        {
            var opened = _opened.Task;
            if (first <= Volatile.Read(ref _open))
            {
                return;
            }

            lock (_lock)
            {
                Held++;
            }

            try
            {
                await opened.WaitAsync(cancellationToken);
            }
            finally
            {
                lock (_lock)
                {
                    Held--;
                }
            }
        }
    }

    private EventBatch Batch(long first, long last)
    {
        var batch = new RecordedEvent[last - first + 1];
        lock (_lock)
        {
            for (var i = 0; i < batch.Length; i++)
            {
                _given[first + i]++;
                batch[i] = Recorded.Event(first + i, "counted", """{"id":1,"amount":1}""");
            }

            MostOut = Math.Max(MostOut, Interlocked.Increment(ref _out));
        }

        return new EventBatch(batch, batch.Length, new EventPosition(last), () => Interlocked.Decrement(ref _out));
    }
}
