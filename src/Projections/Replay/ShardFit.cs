using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Replay;

/// <summary>What keeps a version's history from being replayed in shards, whose rows stand at different positions in one table until all are done.</summary>
internal static class ShardFit
{
    /// <summary>By the declaration, before there is a table.</summary>
    /// <returns>The middle of a sentence; <c>null</c> when nothing does.</returns>
    public static string? FindObstacle(ProjectionVersion definition) => definition.AllStreams is null
        ? "its rows are not each made of one stream (every event ByStream or ByTenantAndStream), so no share of the streams has rows of its own"
        : null;

    /// <summary>By the table: what looks from one row to another would meet rows of different positions.</summary>
    public static async Task<string?> FindObstacleAsync(NpgsqlConnection connection, string table, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<string>(
            """
            select string_agg(what, ', ' order by what) || ' of its table would meet rows of different positions; what is unique can be created in indexes.sql'
            from (
                select 'the unique index ' || x.relname from pg_index i join pg_class x on x.oid = i.indexrelid
                where i.indrelid = $1::regclass and not i.indisprimary and (i.indisunique or i.indisexclusion)
                union all
                select 'the trigger ' || tgname from pg_trigger where tgrelid = $1::regclass and not tgisinternal
                union all
                select 'the foreign key ' || conname from pg_constraint where conrelid = $1::regclass and confrelid = conrelid and contype = 'f') as found (what)
            """,
            cancellationToken,
            table);
}
