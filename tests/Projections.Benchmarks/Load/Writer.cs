using System.Text;
using Projections.Benchmarks.Store;
using Projections.Events;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Load;

/// <summary>An application that appends a thousand events a second: a hundred times a second an invoice with its ten events.</summary>
internal sealed class Writer : IAsyncDisposable
{
    public const int EventsPerSecond = 1_000;

    private const int AppendsPerSecond = 100;

    // Other streams than those of the store, which was made from seed 1.
    private const int FirstSeed = 1_000_000;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task<int> _writing;

    private Writer(BenchmarkDatabase database) => _writing = Task.Run(() => WriteAsync(database));

    public static Writer Start(BenchmarkDatabase database) => new(database);

    /// <summary>Stops it, and tells how many events it wrote.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _writing;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task<int> WriteAsync(BenchmarkDatabase database)
    {
        var written = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / AppendsPerSecond));
        await using var connection = await database.Sql.OpenConnectionAsync(CancellationToken.None);
        for (var seed = FirstSeed; ; seed++)
        {
            try
            {
                await timer.WaitForNextTickAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            var invoice = new InvoicingHistory(1) { Seed = seed }.Events().ToList();
            var events = invoice.Select(e => (e.Type, Encoding.UTF8.GetString(e.Data))).ToList();
            await database.Events.AppendAsync(connection, new StreamId(invoice[0].Invoice), events, "invoice");
            written += events.Count;
        }

        return written;
    }
}
