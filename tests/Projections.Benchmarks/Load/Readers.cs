using System.Diagnostics;
using Npgsql;
using Projections.Benchmarks.Store;

namespace Projections.Benchmarks.Load;

/// <summary>Services that query the read name with a prepared statement, each on a thread and a connection of its own.</summary>
internal sealed class Readers : IAsyncDisposable
{
    private const string Query = "select number, customer, issued_at, net from invoice_summary where invoice_id = $1";

    private readonly Thread[] _threads;
    private readonly List<float>[] _times;
    private readonly TimeSpan _pause;
    private readonly string _connection;
    private readonly Guid[] _invoices;
    private volatile bool _stop;
    private int _failed;
    private string? _failure;

    private Readers(string connection, Guid[] invoices, int count, TimeSpan pause)
    {
        _connection = connection;
        _invoices = invoices;
        _pause = pause;
        _times = [.. Enumerable.Range(0, count).Select(_ => new List<float>())];
        _threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() => Read(number)))];
    }

    /// <param name="database">Where the read name is.</param>
    /// <param name="count">How many readers.</param>
    /// <param name="pause">How long each waits after a query; zero for as fast as it can.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    public static async Task<Readers> StartAsync(BenchmarkDatabase database, int count, TimeSpan pause, CancellationToken cancellationToken)
    {
        var invoices = await database.ScalarAsync<Guid[]>(
            "select array_agg(invoice_id) from (select invoice_id from invoice_summary order by random() limit 10000) as chosen", cancellationToken);
        var readers = new Readers(database.ConnectionString, invoices, count, pause);
        foreach (var thread in readers._threads)
        {
            thread.Start();
        }

        return readers;
    }

    /// <summary>How long reads took since the last call, in milliseconds.</summary>
    public Latencies Take()
    {
        var all = new List<float>();
        foreach (var times in _times)
        {
            lock (times)
            {
                all.AddRange(times);
                times.Clear();
            }
        }

        return new Latencies([.. all]);
    }

    /// <summary>How many reads failed, and what the first of them said.</summary>
    public (int Count, string? First) Failed => (_failed, _failure);

    public ValueTask DisposeAsync()
    {
        _stop = true;
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        return ValueTask.CompletedTask;
    }

    private void Read(int number)
    {
        using var connection = new NpgsqlConnection(_connection);
        connection.Open();
        using var command = new NpgsqlCommand(Query, connection);
        var invoice = new NpgsqlParameter<Guid>();
        command.Parameters.Add(invoice);
        command.Prepare();
        var random = new Random(number);
        while (!_stop)
        {
            invoice.TypedValue = _invoices[random.Next(_invoices.Length)];
            var began = Stopwatch.GetTimestamp();
            try
            {
                if (command.ExecuteScalar() is null)
                {
                    throw new InvalidOperationException($"The invoice {invoice.TypedValue} is not there.");
                }
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
            {
                _failure ??= exception.Message;
                Interlocked.Increment(ref _failed);
            }

            lock (_times[number])
            {
                _times[number].Add((float)Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            if (_pause > TimeSpan.Zero)
            {
                Thread.Sleep(_pause);
            }
        }
    }
}
