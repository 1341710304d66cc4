using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Switching;

/// <summary>
/// Sessions whose snapshot is older than a version's entry into the lockstep: a REPEATABLE READ transaction among them would
/// read the table as it was when it was half built.
/// </summary>
internal static class OldSnapshots
{
    public static async Task<IReadOnlyList<BlockingSession>> OfAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"""
            select {BlockingSession.ColumnList}
            from pg_stat_activity a
            join projections.version v on v.projection = $1 and v.number = $2
            where a.datname = current_database() and a.pid <> pg_backend_pid() and a.backend_xmin is not null
              -- Ages count backwards from now, so they compare rightly across a wraparound of transaction ids.
              and age(a.backend_xmin) >= age(v.joined_xid::xid)
              -- A snapshot's oldest transaction may be anybody's; one taken after the entry is not old for that.
              and (v.joined_at is null or a.xact_start <= v.joined_at)
              and a.backend_type = 'client backend'
              -- Our own workers read each version's table by itself, never through the read name.
              and a.application_name not like 'projections/%'
            order by a.xact_start
            """,
            BlockingSession.Read,
            cancellationToken,
            version.Projection.Value,
            version.Number);

    /// <summary>Whether this role can see the snapshots of other roles' sessions at all.</summary>
    public static Task<bool> AreVisibleAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("select pg_has_role('pg_read_all_stats', 'usage')", cancellationToken);
}
