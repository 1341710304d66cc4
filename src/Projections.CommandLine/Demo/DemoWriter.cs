using System.Collections.Concurrent;

namespace Projections.CommandLine.Demo;

/// <summary>
/// Appends events all the time, as an application would. One stream, which the readers watch, gets event after event, so that a number
/// of its row only ever grows.
/// </summary>
internal sealed class DemoWriter : IAsyncDisposable
{
    /// <summary>How long a history is that it appends, before it begins another.</summary>
    private const int HistoryEvents = 20_000;

    private static readonly TimeSpan BetweenTransactions = TimeSpan.FromMilliseconds(4);

    private readonly DemoStore _store;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;
    private readonly ConcurrentQueue<Guid> _streams = new();
    private long _events;

    private DemoWriter(DemoStore store, Guid watched)
    {
        _store = store;
        Watched = watched;
        _writing = WriteAsync(_stop.Token);
    }

    /// <summary>The stream that grows.</summary>
    public Guid Watched { get; }

    /// <summary>The other streams that it has begun.</summary>
    public IEnumerable<Guid> Streams => _streams;

    /// <summary>How many events it has appended.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Fails when an append failed.</summary>
    public Task Writing => _writing;

    public static async Task<DemoWriter> StartAsync(DemoStore store, CancellationToken cancellationToken)
    {
        var watched = Guid.CreateVersion7();
        await store.Events.AppendAsync(store.Demo.Watched(watched, 1), cancellationToken);
        return new DemoWriter(store, watched);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task WriteAsync(CancellationToken stop)
    {
        var number = 1;
        foreach (var e in Histories())
        {
            if (e.Number == 1)
            {
                _streams.Enqueue(e.Stream);
            }

            await _store.Events.AppendAsync(e, stop);
            await _store.Events.AppendAsync(_store.Demo.Watched(Watched, ++number), stop);
            Interlocked.Add(ref _events, 2);
            await Task.Delay(BetweenTransactions, stop);
        }
    }

    private IEnumerable<DemoEvent> Histories()
    {
        for (var seed = _store.Events.Seed + 1; ; seed++)
        {
            foreach (var e in _store.Demo.History(HistoryEvents, seed))
            {
                yield return e;
            }
        }
    }
}
