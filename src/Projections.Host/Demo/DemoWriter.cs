using System.Collections.Concurrent;
using System.Text.Json;
using Projections.ReadModels.Invoicing;

namespace Projections.Host.Demo;

/// <summary>
/// Appends events all the time, as an application would. One invoice, which the readers watch, gets line after line, so that
/// its net amount only ever grows.
/// </summary>
internal sealed class DemoWriter : IAsyncDisposable
{
    private static readonly TimeSpan BetweenTransactions = TimeSpan.FromMilliseconds(4);

    private readonly DemoStore _store;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;
    private readonly ConcurrentQueue<Guid> _invoices = new();
    private long _events;

    private DemoWriter(DemoStore store, Guid watched)
    {
        _store = store;
        Watched = watched;
        _writing = WriteAsync(_stop.Token);
    }

    /// <summary>The invoice that grows.</summary>
    public Guid Watched { get; }

    /// <summary>The other invoices that it has begun.</summary>
    public IEnumerable<Guid> Invoices => _invoices;

    /// <summary>How many events it has appended.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Fails when an append failed.</summary>
    public Task Writing => _writing;

    public static async Task<DemoWriter> StartAsync(DemoStore store, CancellationToken cancellationToken)
    {
        var watched = Guid.CreateVersion7();
        var issued = new InvoiceIssued("R-watched", "customer-0000", "EUR", new DateOnly(2030, 1, 1));
        await store.Events.AppendAsync(
            watched, InvoicingEvents.InvoiceIssued, JsonSerializer.SerializeToUtf8Bytes(issued, InvoicingJson.Default.InvoiceIssued), cancellationToken);
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
        var line = 0;
        var history = new InvoicingHistory(1_000_000) { Seed = _store.Events.Seed + 1, OpenAtOnce = 100 };
        foreach (var e in history.Events())
        {
            if (e.StreamVersion == 1)
            {
                _invoices.Enqueue(e.Invoice);
            }

            await _store.Events.AppendAsync(e.Invoice, e.Type, e.Data, stop);
            var added = new LineAdded(++line, "Bolt M8", 1, 0.10m);
            await _store.Events.AppendAsync(
                Watched, InvoicingEvents.LineAdded, JsonSerializer.SerializeToUtf8Bytes(added, InvoicingJson.Default.LineAdded), stop);
            Interlocked.Add(ref _events, 2);
            await Task.Delay(BetweenTransactions, stop);
        }
    }
}
