using Npgsql;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>Where a table's rows are.</summary>
internal enum TableKind
{
    /// <summary>In the table itself.</summary>
    Plain,

    /// <summary>In its partitions, on the same server.</summary>
    Partitioned,

    /// <summary>On other servers, which Citus asks for them. No snapshot shows all of those at one moment.</summary>
    Distributed,
}

/// <summary>Finds out of which kind tables are.</summary>
internal static class TableKinds
{
    /// <summary>Whether the database's tables can be distributed.</summary>
    public static Task<bool> CanDistributeAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("select to_regclass('pg_catalog.pg_dist_partition') is not null", cancellationToken);

    /// <param name="connection">Where to look.</param>
    /// <param name="table">The table's name, quoted, with its schema. One that is not there counts as plain.</param>
    /// <param name="cancellationToken">Cancels the looking.</param>
    public static async Task<TableKind> OfAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken) =>
        await CanDistributeAsync(connection, cancellationToken) && await IsDistributedAsync(connection, table, cancellationToken) ? TableKind.Distributed
        : await connection.ScalarAsync<bool>("select relkind = 'p' from pg_class where oid = to_regclass($1)", cancellationToken, table) ? TableKind.Partitioned
        : TableKind.Plain;

    // Citus knows of tables, too, that it has left where they were. See https://docs.citusdata.com/en/stable/develop/api_metadata.html.
    private static Task<bool> IsDistributedAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>(
            """
            select exists (
                select from pg_catalog.pg_dist_partition
                where logicalrelid = to_regclass($1) and not (partmethod = 'n' and repmodel = 's' and colocationid = 0))
            """,
            cancellationToken,
            table);
}

/// <summary>Of which kind a table is, looked up once: which statements are quickest depends on it.</summary>
/// <param name="table">The table's name, quoted, with its schema.</param>
internal sealed class KindOfTable(string table)
{
    private TableKind? _kind;

    /// <summary>Whether it was looked up.</summary>
    public bool IsKnown => _kind is not null;

    /// <summary>Whether it is known to be distributed.</summary>
    public bool IsDistributed => _kind == TableKind.Distributed;

    public async ValueTask LookAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        _kind ??= await TableKinds.OfAsync(connection, table, cancellationToken);
}
