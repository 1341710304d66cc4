using System.Reflection;
using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Catalog;

/// <summary>What the catalog knows of programs that work beside their leases. Whether one still works is seen from its sessions, so nobody has to be taken off in time.</summary>
internal static class WorkerRegister
{
    /// <summary>This program and its version, and that of this library: <c>Shop 1.4.0, Projections 0.1.0</c>.</summary>
    private static readonly string Release = string.Join(", ", ((Assembly?[])[Assembly.GetEntryAssembly(), typeof(WorkerRegister).Assembly]).OfType<Assembly>().Select(NameOf));

    /// <summary>Writes a program down, and forgets those that have gone long ago.</summary>
    /// <param name="connection">A connection.</param>
    /// <param name="worker">Its worker's name.</param>
    /// <param name="known">The projections that it would follow.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public static async Task AddAsync(NpgsqlConnection connection, string worker, IEnumerable<ProjectionName> known, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            """
            insert into projections.worker (name, release, known) values ($1, $2, $3)
            on conflict (name) do update set release = excluded.release, known = excluded.known, began_at = clock_timestamp()
            """,
            cancellationToken,
            worker,
            Release,
            known.Select(name => name.Value).ToArray());
        // One that is cut off at this moment may come back, so long ago is a week.
        await connection.ExecuteAsync(
            """
            delete from projections.worker w
            where w.began_at < clock_timestamp() - interval '7 days'
              and not exists (select from pg_stat_activity a where a.datname = current_database() and a.application_name = $1 || w.name)
            """,
            cancellationToken,
            WorkerName.OfSessions(""));
    }

    /// <summary>How many programs work at this moment.</summary>
    public static async Task<int> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (int)await connection.ScalarAsync<long>(
            """
            -- To look through the sessions takes longer the more the server has, of all its databases; one program need not be looked for.
            select case when count(*) < 2 then count(*) else (
                select count(*) from projections.worker w
                where exists (select from pg_stat_activity a where a.datname = current_database() and a.application_name = $1 || w.name)) end
            from projections.worker
            """,
            cancellationToken,
            WorkerName.OfSessions(""));

    /// <summary>The release of each program.</summary>
    public static async Task<Dictionary<string, string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync(
            "select name, release from projections.worker", row => (Name: row.GetString(0), Release: row.GetString(1)), cancellationToken);
        return rows.ToDictionary(row => row.Name, row => row.Release);
    }

    /// <summary>What the programs of workers would follow; nothing for one that is not written down.</summary>
    public static async Task<Dictionary<string, IReadOnlySet<string>>> ReadKnownAsync(NpgsqlConnection connection, IEnumerable<string> workers, CancellationToken cancellationToken)
    {
        var rows = await connection.QueryAsync(
            "select asked.name, coalesce(w.known, '{}') from unnest($1::text[]) as asked(name) left join projections.worker w on w.name = asked.name",
            row => (Name: row.GetString(0), Known: row.GetFieldValue<string[]>(1)),
            cancellationToken,
            [workers.ToArray()]);
        return rows.ToDictionary(row => row.Name, row => (IReadOnlySet<string>)row.Known.ToHashSet());
    }

    private static string NameOf(Assembly assembly)
    {
        // What stands behind the plus is the commit that it was built from.
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        return $"{assembly.GetName().Name} {version}".TrimEnd();
    }
}
