using Npgsql;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>
/// The first rows of a table. Its primary key is taken off while they are copied in and built at once afterwards, by sorting, which
/// takes a fraction of entering key by key; and as the table is emptied in the same transaction, its rows can be frozen. Others see
/// an empty table with a key before the commit, and a full one with the same key after it.
/// </summary>
internal sealed class FirstLoad
{
    /// <summary>Below this the key's index costs less than taking it off.</summary>
    public const int FewestRows = 5_000;

    private readonly NpgsqlConnection _connection;
    private readonly string _addKey;

    private FirstLoad(NpgsqlConnection connection, string addKey, bool canFreeze)
    {
        _connection = connection;
        _addKey = addKey;
        CanFreeze = canFreeze;
    }

    /// <summary>Whether rows can be copied in frozen: PostgreSQL has no such COPY into partitions.</summary>
    public bool CanFreeze { get; }

    /// <summary>Prepares the table, in the transaction that is open.</summary>
    /// <param name="connection">The connection with the transaction.</param>
    /// <param name="table">The table's name, quoted, with its schema.</param>
    /// <param name="workers">How many processes may help to build the key's index.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns><c>null</c> when the table has to be filled as it is: it is in use, it has rows, or there is more to its key than
    /// the key's columns.</returns>
    public static async Task<FirstLoad?> BeginAsync(NpgsqlConnection connection, string table, int workers, CancellationToken cancellationToken)
    {
        if (!await TryLockAsync(connection, table, cancellationToken)
            || await FindKeyAsync(connection, table, cancellationToken) is not { } key
            || await connection.ScalarAsync<bool>($"select exists (select 1 from {table})", cancellationToken))
        {
            return null;
        }

        await IndexResources.GiveAsync(connection, workers, cancellationToken);
        await connection.ExecuteAsync($"truncate {table}; alter table {table} drop constraint {SqlName.Quote(key.Name)}", cancellationToken);
        return new FirstLoad(connection, $"alter table {table} add constraint {SqlName.Quote(key.Name)} {key.Definition}", key.IsOfOneTable);
    }

    /// <summary>Builds the key.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => _connection.ExecuteLongAsync(_addKey, cancellationToken);

    // Somebody who looks at the table, such as a backup, must not hold up the replay, nor be held up by its waiting.
    private static async Task<bool> TryLockAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteAsync($"savepoint first_load; lock table {table} in access exclusive mode nowait", cancellationToken);
            await connection.ExecuteAsync("release savepoint first_load", cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.WrongObjectType)
        {
            await connection.ExecuteAsync("rollback to savepoint first_load; release savepoint first_load", cancellationToken);
            return false;
        }
    }

    /// <summary>The key, if dropping and adding it makes the same again, on the table and on each of its partitions: nothing depends on it, and neither it nor its
    /// index has anything that the definition does not tell. Triggers might look rows up by it in the meantime; the one by which Citus empties shards does not.</summary>
    private static async Task<Key?> FindKeyAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            with part as (select $1::regclass::oid as oid union select relid::oid from pg_partition_tree($1::regclass))
            select k.conname, pg_get_constraintdef(k.oid), t.relkind = 'r'
            from pg_class t
            join pg_constraint k on k.conrelid = t.oid and k.contype = 'p'
            where t.oid = $1::regclass
            and t.relkind in ('r', 'p') and not t.relispartition and (t.relkind = 'p' or not t.relhassubclass)
            and not exists (
                select from part
                join pg_class c on c.oid = part.oid
                left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
                left join pg_index i on i.indexrelid = k.conindid
                left join pg_class x on x.oid = k.conindid
                where k.oid is null or c.relreplident = 'i' or i.indisclustered or x.reloptions is not null or x.reltablespace <> 0
                or exists (
                    select from pg_trigger g join pg_proc f on f.oid = g.tgfoid
                    where g.tgrelid = c.oid and not (f.proname = 'citus_truncate_trigger' and f.pronamespace = 'pg_catalog'::regnamespace))
                or exists (select from pg_depend d where d.refobjid in (k.oid, x.oid) and d.deptype = 'n')
                or exists (select from pg_description d where d.objoid in (k.oid, x.oid)))
            """,
            row => new Key(row.GetString(0), row.GetString(1), row.GetBoolean(2)),
            cancellationToken,
            table)).SingleOrDefault();

    /// <param name="Name">Its name.</param>
    /// <param name="Definition">What it is, as SQL.</param>
    /// <param name="IsOfOneTable">Whether the table has its rows itself, and no partitions have them.</param>
    private sealed record Key(string Name, string Definition, bool IsOfOneTable);
}
