using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Verification;

/// <summary>
/// Versions that stay where they are for a moment, on all servers that have rows of them. Whatever writes their rows moves or proves their checkpoints in the same transaction,
/// so it waits for the locks that are held here. A transaction over several servers commits on this one first and on the others a moment later, and gives its
/// locks back at the very end: those that had come by before are waited for.
/// </summary>
internal sealed class Standstill : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(2);

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private Standstill(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <param name="readModels">The database.</param>
    /// <param name="versions">The versions, of one projection; one that another program writes goes on.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<Standstill> BeginAsync(NpgsqlDataSource readModels, IReadOnlyList<VersionId> versions, CancellationToken cancellationToken)
    {
        var connection = await readModels.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await connection.ExecuteAsync(
                "select from projections.version where projection = $1 and number = any ($2) order by number for no key update",
                cancellationToken,
                versions[0].Projection.Value,
                versions.Select(version => version.Number).ToArray());
            await WaitForCommitsAsync(connection, cancellationToken);
            return new Standstill(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    /// <summary>Who waits for a lock, be it for those that are held here, has not begun to commit.</summary>
    private static async Task WaitForCommitsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var first = await FindAsync(connection, null, cancellationToken);
        for (var left = first; left.Length > 0; left = await FindAsync(connection, first, cancellationToken))
        {
            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }

    private static async Task<string[]> FindAsync(NpgsqlConnection connection, string[]? among, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<string[]>(
            """
            select coalesce(array_agg(l.virtualtransaction), '{}')
            from pg_locks l
            where l.locktype = 'relation' and l.relation = 'projections.version'::regclass
              and l.database = (select oid from pg_database where datname = current_database())
              and l.mode in ('RowShareLock', 'RowExclusiveLock') and l.granted and l.pid <> pg_backend_pid()
              and ($1::text[] is null or l.virtualtransaction = any ($1))
              and not exists (select from pg_locks w where w.pid = l.pid and not w.granted)
            """,
            cancellationToken,
            (object?)among ?? DBNull.Value) ?? [];
}
