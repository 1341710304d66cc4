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
    // Citus knows of tables, too, that it has left where they were. See https://docs.citusdata.com/en/stable/develop/api_metadata.html.
    private const string Distribution = "select from pg_catalog.pg_dist_partition where not (partmethod = 'n' and repmodel = 's' and colocationid = 0)";

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

    /// <summary>Of which kind several tables are, in one round trip where none can be distributed.</summary>
    /// <param name="connection">Where to look.</param>
    /// <param name="schema">The schema that they are in.</param>
    /// <param name="tables">Their names. What is not there is left out.</param>
    /// <param name="cancellationToken">Cancels the looking.</param>
    public static async Task<IReadOnlyDictionary<string, TableKind>> OfAsync(
        NpgsqlConnection connection, string schema, IReadOnlyCollection<string> tables, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            select relname::text, relkind = 'p', to_regclass('pg_catalog.pg_dist_partition') is not null
            from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1) and relname = any ($2::name[])
            """,
            row => (Name: row.GetString(0), IsPartitioned: row.GetBoolean(1), MayBeDistributed: row.GetBoolean(2)),
            cancellationToken,
            schema,
            tables.ToArray());
        var distributed = !found.Exists(table => table.MayBeDistributed) ? [] : await connection.QueryAsync(
            $"select relname::text from pg_class join pg_namespace n on n.oid = relnamespace where nspname = $1 and relname = any ($2::name[]) and exists ({Distribution} and logicalrelid = pg_class.oid)",
            row => row.GetString(0),
            cancellationToken,
            schema,
            tables.ToArray());
        return found.ToDictionary(
            table => table.Name,
            table => distributed.Contains(table.Name) ? TableKind.Distributed : table.IsPartitioned ? TableKind.Partitioned : TableKind.Plain,
            StringComparer.Ordinal);
    }

    /// <summary>What people and scripts are told: <c>distributed</c>.</summary>
    public static string Text(this TableKind kind) => kind switch
    {
        TableKind.Plain => "plain",
        TableKind.Partitioned => "partitioned",
        TableKind.Distributed => "distributed",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind."),
    };

    private static Task<bool> IsDistributedAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>($"select exists ({Distribution} and logicalrelid = to_regclass($1))", cancellationToken, table);
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
