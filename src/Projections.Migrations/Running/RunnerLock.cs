using Npgsql;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Running;

/// <summary>
/// The right to run a service's migrations: an advisory lock, held by a transaction that stays open and idle on a connection of
/// its own. A transaction, because that keeps its server connection even through a transaction-pooling PgBouncer. It holds no
/// snapshot while it is idle, so no CREATE INDEX CONCURRENTLY waits for it. Who waits for the right asks again and again,
/// because a runner that blocks in <c>pg_advisory_lock</c> holds a snapshot, for which the first one's CREATE INDEX CONCURRENTLY waits in turn.
/// </summary>
internal sealed class RunnerLock : IAsyncDisposable
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(200);

    // It takes no snapshot, and it comes last each time: a query leaves its portal, with its snapshot, until the next statement.
    private const string StayIdle = "SET LOCAL idle_in_transaction_session_timeout = 0";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private RunnerLock(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <param name="database">Where the lock is taken.</param>
    /// <param name="tracking">What it guards.</param>
    /// <param name="onWait">Called once when another runner is at work.</param>
    /// <param name="time">The clock of the waiting.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<RunnerLock> AcquireAsync(
        NpgsqlDataSource database, TrackingTable tracking, Action onWait, TimeProvider time, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                if (await TryAcquireAsync(connection, tracking, cancellationToken) is { } transaction)
                {
                    return new RunnerLock(connection, transaction);
                }

                if (attempt == 0)
                {
                    onWait();
                }

                await Task.Delay(AskAgainAfter, time, cancellationToken);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static async Task<NpgsqlTransaction?> TryAcquireAsync(
        NpgsqlConnection connection, TrackingTable tracking, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isOurs = await connection.ScalarAsync<bool>(
            "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))",
            cancellationToken,
            $"migrations of {tracking.Service} in {tracking.Schema}.{tracking.Name}");
        if (isOurs)
        {
            await connection.ExecuteLongAsync(StayIdle, cancellationToken);
            return transaction;
        }

        await transaction.DisposeAsync();
        return null;
    }

    /// <summary>Proves that the lock is still held.</summary>
    /// <exception cref="MigrationStopped">The connection that holds it is gone.</exception>
    public async Task EnsureHeldAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _connection.ExecuteLongAsync(StayIdle, cancellationToken);
        }
        catch (NpgsqlException lost)
        {
            throw new MigrationStopped(
                "lock-lost",
                "The connection that holds the lock of the migration runner broke, so another runner may be at work. Nothing further was run. Run 'projections migrate up' again.",
                lost);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
