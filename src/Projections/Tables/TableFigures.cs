using Npgsql;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>
/// What the servers that have a table's rows know of it: the sum over the table itself, its partitions or its shards, whichever have the rows. A table whose rows
/// are elsewhere counts as empty where it is named.
/// </summary>
/// <param name="Kind">Where the rows are.</param>
/// <param name="Rows">About how many there are, by the planner's statistics; 0 where there are none.</param>
/// <param name="AreStale">Whether those statistics are missing or old.</param>
/// <param name="Bytes">What the rows take on disk, without indexes.</param>
/// <param name="IndexBytes">What the indexes take.</param>
/// <param name="Pages">The pages that the rows themselves are in.</param>
internal sealed record TableFigures(TableKind Kind, double Rows, bool AreStale, long Bytes, long IndexBytes, long Pages)
{
    // reltuples is -1 until the first ANALYZE; counts of changes since then are lost with a crash, reltuples is not.
    private const string Figures =
        """
        coalesce(sum(c.reltuples) filter (where c.relkind <> 'p' and c.reltuples > 0), 0)::float8,
        coalesce(bool_or(c.reltuples < 0 or coalesce(pg_stat_get_mod_since_analyze(c.oid), 0) > 0.5 * greatest(c.reltuples, 0) + 1000), false),
        coalesce(sum(pg_table_size(c.oid)), 0)::bigint,
        coalesce(sum(pg_indexes_size(c.oid)), 0)::bigint,
        coalesce(sum(pg_relation_size(c.oid)), 0)::bigint / current_setting('block_size')::bigint
        """;

    /// <param name="connection">Where to ask.</param>
    /// <param name="table">The table's name, quoted, with its schema. One that is not there has no rows.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    /// <exception cref="TimeoutException">A server that has some of the rows does not answer.</exception>
    public static async Task<TableFigures> ReadAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        var kind = await TableKinds.OfAsync(connection, table, cancellationToken);
        return (kind == TableKind.Distributed
            ? await connection.QueryAsync(OfShards, row => Read(kind, row), cancellationToken, table, $"select json_build_array({Figures})::text {From("%1$L")}")
            : await connection.QueryAsync($"select {Figures} {From("$1")}", row => Read(kind, row), cancellationToken, table)).Single();
    }

    /// <summary>The command is run on each shard, whose name stands for <c>%1$L</c> in it, outside of the transaction that is open here.</summary>
    private const string OfShards =
        """
        select coalesce(sum((found->>0)::float8), 0), coalesce(bool_or((found->>1)::boolean), false),
               coalesce(sum((found->>2)::bigint), 0)::bigint, coalesce(sum((found->>3)::bigint), 0)::bigint, coalesce(sum((found->>4)::bigint), 0)::bigint,
               min(failure)
        from (
            select case when success then result::json end as found, case when not success then result end as failure
            from run_command_on_shards($1::regclass, $2)) as shards
        """;

    private static string From(string table) =>
        $"from pg_class c where c.oid = to_regclass({table}) or c.oid in (select relid from pg_partition_tree(to_regclass({table})))";

    private static TableFigures Read(TableKind kind, NpgsqlDataReader row) =>
        row.FieldCount > 5 && row.GetNullable<string>(5) is { } failure
            ? throw new TimeoutException($"A server that has shards of the table does not answer: {failure}")
            : new TableFigures(kind, row.GetDouble(0), row.GetBoolean(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4));
}
