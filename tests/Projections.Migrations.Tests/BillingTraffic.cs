using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Tests;

/// <summary>Readers and writers of the billing tables, with statements that a service uses all the time.</summary>
internal sealed class BillingTraffic : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task _all;
    private long _statements;
    private long _slowest;
    private long _ledgerRows;

    public BillingTraffic(NpgsqlDataSource database)
    {
        _database = database;
        _all = Task.WhenAll(
            LoopAsync("SELECT count(*), sum(total) FROM billing.invoices"),
            LoopAsync("SELECT sum(amount) FROM billing.ledger"),
            LoopAsync("INSERT INTO billing.invoices (customer_id, number, total, remark) VALUES (1, 'N5', 5, 'remark 5')", "INSERT INTO billing.invoices (customer_id, number, total, note) VALUES (1, 'N5', 5, 'remark 5')"),
            LoopAsync("UPDATE billing.invoices SET status = 'paid' WHERE id = 7"),
            LedgerAsync());
    }

    public sealed record Figures(long Statements, TimeSpan Slowest, IReadOnlyCollection<string> Failures, long LedgerRows);

    public async Task<Figures> StopAsync()
    {
        await _stop.CancelAsync();
        await _all;
        return new Figures(_statements, TimeSpan.FromTicks(_slowest), _failures, _ledgerRows);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    // The service's next release says the same in the new way; it is rolled out when the old column has gone for good.
    private async Task LoopAsync(string sql, string? nextRelease = null)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await TimeAsync(sql);
            }
            catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedColumn && nextRelease is not null)
            {
                (sql, nextRelease) = (nextRelease, null);
            }
            catch (PostgresException failure)
            {
                _failures.Enqueue($"{sql}: {failure.MessageText}");
            }

            await Task.Delay(10);
        }
    }

    private async Task LedgerAsync()
    {
        for (var id = 1_000_000L; !_stop.IsCancellationRequested; id++)
        {
            try
            {
                await TimeAsync("INSERT INTO billing.ledger (id, booked_on, amount) VALUES ($1, '2026-05-05', 1)", id);
                _ledgerRows++;
            }
            catch (PostgresException failure)
            {
                _failures.Enqueue($"ledger: {failure.MessageText}");
            }

            await Task.Delay(10);
        }
    }

    private async Task TimeAsync(string sql, params object?[] values)
    {
        await using var connection = await _database.OpenConnectionAsync();
        var watch = Stopwatch.StartNew();
        await connection.ExecuteLongAsync(sql, CancellationToken.None, values);
        Interlocked.Increment(ref _statements);
        InterlockedMax(ref _slowest, watch.Elapsed.Ticks);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Interlocked.Read(ref target); value > seen; seen = Interlocked.Read(ref target))
        {
            if (Interlocked.CompareExchange(ref target, value, seen) == seen)
            {
                return;
            }
        }
    }
}
