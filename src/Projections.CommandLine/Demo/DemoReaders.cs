using System.Diagnostics;
using Npgsql;

namespace Projections.CommandLine.Demo;

/// <summary>
/// Services that query the read name as fast as they can, by prepared statements that name their columns. They know nothing
/// of versions. Each read is checked: a row that exists is found, and the watched row is never older than any read that had
/// ended before showed it.
/// </summary>
internal sealed class DemoReaders : IAsyncDisposable
{
    public const int Count = 4;

    private readonly DemoStore _store;
    private readonly string _query;
    private readonly Guid _watched;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _reading;
    private readonly Lock _lock = new();
    private decimal _newest;

    private DemoReaders(DemoStore store, DemoTable table, Guid watched)
    {
        _store = store;
        _query = table.Query;
        _watched = watched;
        _reading = [.. Enumerable.Range(0, Count).Select(number => Task.Run(() => ReadAsync(new Random(number))))];
    }

    public ReadFigures Figures { get; } = new();

    public static DemoReaders Start(DemoStore store, DemoTable table, Guid watched) => new(store, table, watched);

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
        await using var command = new NpgsqlCommand(_query, connection);
        var key = command.Parameters.Add(new NpgsqlParameter<Guid>());
        await command.PrepareAsync();
        while (!_stop.IsCancellationRequested)
        {
            key.Value = _watched;
            var newest = Newest();
            Compare(await ReadGrowingAsync(command), newest);

            key.Value = _store.Streams[random.Next(_store.Streams.Count)];
            if (await ReadGrowingAsync(command) is null)
            {
                Figures.Fail($"The row {key.Value} was not found.");
            }
        }
    }

    private async Task<decimal?> ReadGrowingAsync(NpgsqlCommand command)
    {
        var began = Stopwatch.GetTimestamp();
        await using var reader = await command.ExecuteReaderAsync();
        decimal? number = await reader.ReadAsync() ? reader.GetDecimal(0) : null;
        Figures.Served(Stopwatch.GetElapsedTime(began));
        return number;
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
        if (seen is not { } number)
        {
            Figures.Fail("The watched row was not found.");
            return;
        }

        if (number < newestBefore)
        {
            Figures.SeeStale($"The watched row was at {number} after it had been seen at {newestBefore}.");
        }

        lock (_lock)
        {
            _newest = Math.Max(_newest, number);
        }
    }
}
