using System.Diagnostics;
using Npgsql;

namespace Projections.Host.Demo;

/// <summary>
/// Services that query the read name as fast as they can, by prepared statements that name their columns. They know nothing
/// of versions. Each read is checked: a row that exists is found, and the watched invoice is never older than any read that had
/// ended before showed it.
/// </summary>
internal sealed class DemoReaders : IAsyncDisposable
{
    public const int Count = 4;

    private readonly DemoStore _store;
    private readonly Guid _watched;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _reading;
    private readonly Lock _lock = new();
    private decimal _newest;

    private DemoReaders(DemoStore store, Guid watched)
    {
        _store = store;
        _watched = watched;
        _reading = [.. Enumerable.Range(0, Count).Select(number => Task.Run(() => ReadAsync(new Random(number))))];
    }

    public ReadFigures Figures { get; } = new();

    public static DemoReaders Start(DemoStore store, Guid watched) => new(store, watched);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_reading);
        _stop.Dispose();
    }

    private async Task ReadAsync(Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await ReadOnOneConnectionAsync(random);
            }
            catch (NpgsqlException exception)
            {
                Figures.Fail(exception.Message);
            }
        }
    }

    private async Task ReadOnOneConnectionAsync(Random random)
    {
        await using var connection = await _store.Sql.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select number, customer, net from invoice_summary where invoice_id = $1", connection);
        var invoice = command.Parameters.Add(new NpgsqlParameter<Guid>());
        await command.PrepareAsync();
        while (!_stop.IsCancellationRequested)
        {
            invoice.Value = _watched;
            var newest = Newest();
            var net = await ReadNetAsync(command);
            Compare(net, newest);

            invoice.Value = _store.Invoices[random.Next(_store.Invoices.Count)];
            if (await ReadNetAsync(command) is null)
            {
                Figures.Fail($"The invoice {invoice.Value} was not found.");
            }
        }
    }

    private async Task<decimal?> ReadNetAsync(NpgsqlCommand command)
    {
        var began = Stopwatch.GetTimestamp();
        await using var reader = await command.ExecuteReaderAsync();
        decimal? net = await reader.ReadAsync() ? reader.GetDecimal(2) : null;
        Figures.Served(Stopwatch.GetElapsedTime(began));
        return net;
    }

    private decimal Newest()
    {
        lock (_lock)
        {
            return _newest;
        }
    }

    private void Compare(decimal? seen, decimal newestBefore)
    {
        if (seen is not { } net)
        {
            Figures.Fail("The watched invoice was not found.");
            return;
        }

        if (net < newestBefore)
        {
            Figures.SeeStale($"The watched invoice was at {net} after it had been seen at {newestBefore}.");
        }

        lock (_lock)
        {
            _newest = Math.Max(_newest, net);
        }
    }
}
