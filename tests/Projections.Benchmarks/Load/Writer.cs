using System.Text;
using Projections.Benchmarks.Store;
using Projections.Events;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Load;

/// <summary>An application that appends a hundred times a second: an invoice with its ten events, or fewer of them at once.</summary>
internal sealed class Writer : IAsyncDisposable
{
    /// <summary>The events of an invoice.</summary>
    public const int EventsAtOnce = 10;

    public const int EventsPerSecond = AppendsPerSecond * EventsAtOnce;

    private const int AppendsPerSecond = 100;

    // Other streams than those of the store, which was made from seed 1.
    private const int FirstSeed = 1_000_000;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;
    private volatile int _written;

    private Writer(BenchmarkDatabase database, int eventsAtOnce) => _writing = Task.Run(() => WriteAsync(database, eventsAtOnce));

    public static Writer Start(BenchmarkDatabase database, int eventsAtOnce = EventsAtOnce) => new(database, eventsAtOnce);

    /// <summary>How many events it has written so far.</summary>
    public int Written => _written;

    /// <summary>Stops it, and tells how many events it wrote.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        return _written;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync(BenchmarkDatabase database, int eventsAtOnce)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / AppendsPerSecond));
        await using var connection = await database.Sql.OpenConnectionAsync(CancellationToken.None);
        foreach (var append in Appends(eventsAtOnce))
        {
            try
            {
                await timer.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            var events = append.Select(e => (e.Type, Encoding.UTF8.GetString(e.Data))).ToList();
            await database.Events.AppendAsync(connection, new StreamId(append[0].Invoice), events, "invoice");
            _written += events.Count;
        }
    }

    private static IEnumerable<InvoicingEvent[]> Appends(int eventsAtOnce)
    {
        for (var seed = FirstSeed; ; seed++)
        {
            foreach (var append in new InvoicingHistory(1) { Seed = seed }.Events().Chunk(eventsAtOnce))
            {
                yield return append;
            }
        }
    }
}
