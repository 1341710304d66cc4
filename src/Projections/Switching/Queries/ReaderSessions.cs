using Npgsql;
using Projections.Postgres;

namespace Projections.Switching.Queries;

/// <summary>Sessions of one program whose running or last statement reads a read name.</summary>
/// <param name="User">Their role.</param>
/// <param name="Application">Their application name, if they gave one.</param>
/// <param name="Address">From where they are; <c>null</c> from the machine itself.</param>
/// <param name="Sessions">How many they are.</param>
/// <param name="InTransaction">How many of them hold the read name in a transaction that is open: a switch waits for these.</param>
/// <param name="LastAt">When the last of those statements began.</param>
internal sealed record ReaderSessions(string? User, string? Application, string? Address, int Sessions, int InTransaction, DateTime? LastAt)
{
    private const int Most = 50;

    /// <summary>Those that there are at this moment, without the workers' own. Statements of other roles can be seen only by a role with <c>pg_read_all_stats</c>
    /// (<see cref="OldSnapshots.AreVisibleAsync"/>).</summary>
    public static async Task<IReadOnlyList<ReaderSessions>> FindAsync(NpgsqlConnection connection, ReadName view, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"""
            with holding as materialized (
                select distinct pid from pg_locks
                where locktype = 'relation' and relation = $1 and granted and database = (select oid from pg_database where datname = current_database()))
            select a.usename::text, nullif(a.application_name, ''), host(a.client_addr), count(*)::int, count(h.pid)::int, max(a.query_start)
            from pg_stat_activity a left join holding h on h.pid = a.pid
            where a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
              and a.application_name not like 'projections/%' and (h.pid is not null or a.query ~* $2)
            group by 1, 2, 3 order by 4 desc, 6 desc limit {Most}
            """,
            row => new ReaderSessions(
                row.GetNullable<string>(0), row.GetNullable<string>(1), row.GetNullable<string>(2), row.GetInt32(3), row.GetInt32(4), row.GetNullableValue<DateTime>(5)),
            cancellationToken,
            view.Oid, ReadersQuery.PatternOf(view.Name));
}
