using Npgsql;
using Projections.Catalog;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>The programs that work on the read models' database, and what each of them does.</summary>
/// <param name="Database">The read models' database: its name and server.</param>
/// <param name="Server">The version of its PostgreSQL.</param>
/// <param name="Bytes">What the database takes on disk.</param>
/// <param name="Source">Where the program that answers has its events from.</param>
/// <param name="Workers">The programs; those with most work first.</param>
/// <param name="Troubles">What somebody should look at: who is gone, what nobody holds, releases that differ.</param>
internal sealed record FleetReport(string Database, string Server, long Bytes, string Source, IReadOnlyList<WorkerReport> Workers, IReadOnlyList<string> Troubles);

/// <summary>A program that is connected to the read models' database, or holds a lease that has not run out.</summary>
/// <param name="Worker">Its name, as in leases: host, process and something that no other has.</param>
/// <param name="Release">The program and its version; <c>null</c> for one that only looks, or of an earlier release than this.</param>
/// <param name="Sessions">How many sessions it has open; 0 for one that is gone, and whose leases run out.</param>
/// <param name="Since">When the oldest of them was opened.</param>
/// <param name="Versions">The versions that it holds the lease of: <c>invoice_summary v2 (live)</c>.</param>
/// <param name="Orders">The work orders that it carries out: <c>verify of invoice_summary v2</c>.</param>
internal sealed record WorkerReport(string Worker, string? Release, int Sessions, DateTime? Since, IReadOnlyList<string> Versions, IReadOnlyList<string> Orders);

/// <summary>Finds who works, and on what.</summary>
internal sealed class ReadFleet(ProjectionSystem system)
{
    public async Task<FleetReport> RunAsync(CancellationToken cancellationToken)
    {
        var versions = (await system.Catalog.ReadAllAsync(cancellationToken)).SelectMany(projection => projection.Versions).ToList();
        var held = versions
            .Where(version => version is { IsLeased: true, LeaseHolder: not null })
            .ToLookup(version => version.LeaseHolder!, version => $"{version.Id} ({version.State.Text()})");
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var sessions = await ReadSessionsAsync(connection, cancellationToken);
        var orders = await ReadOrdersAsync(connection, cancellationToken);
        var releases = await WorkerRegister.ReadAsync(connection, cancellationToken);
        var names = sessions.Keys.Union(held.Select(worker => worker.Key));
        var workers = names.Select(name =>
        {
            var (open, since) = sessions.GetValueOrDefault(name);
            return new WorkerReport(name, releases.GetValueOrDefault(name), open, open == 0 ? null : since, [.. held[name].Order(StringComparer.Ordinal)], [.. orders[name]]);
        }).ToList();
        return new FleetReport(
            connection.Database,
            connection.PostgreSqlVersion.ToString(),
            await connection.ScalarAsync<long>("select pg_database_size(current_database())", cancellationToken),
            system.Source.Identity,
            [.. workers.OrderByDescending(worker => worker.Versions.Count + worker.Orders.Count).ThenBy(worker => worker.Worker, StringComparer.Ordinal)],
            [.. TroublesOf(workers, [.. versions.Where(version => (version.State.IsBuild() || version.State.IsFollowed()) && !version.External && !version.IsLeased)])]);
    }

    private static IEnumerable<string> TroublesOf(IReadOnlyList<WorkerReport> workers, IReadOnlyList<VersionSnapshot> unheld)
    {
        var working = workers.Where(worker => worker is { Release: not null, Sessions: > 0 }).ToList();
        foreach (var gone in workers.Where(worker => worker is { Sessions: 0, Versions.Count: > 0 }))
        {
            yield return $"{gone.Worker} is gone, and holds {string.Join(", ", gone.Versions)} until its leases run out.";
        }

        if (unheld.Count > 0)
        {
            var names = string.Join(", ", unheld.Select(version => $"{version.Id} ({version.State.Text()})"));
            yield return working.Count == 0 ? $"No program works here, though there is work: {names}." : $"Nobody holds {names}.";
        }

        if (working.Select(worker => worker.Release).Distinct().ToList() is { Count: > 1 } releases)
        {
            yield return $"Its programs are of different releases: {string.Join("; ", releases.Order(StringComparer.Ordinal))}.";
        }
    }

    private static async Task<Dictionary<string, (int Sessions, DateTime Since)>> ReadSessionsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            select application_name, count(*)::int, coalesce(min(backend_start), clock_timestamp())
            from pg_stat_activity where datname = current_database() and application_name like $1 group by 1
            """,
            row => (Name: row.GetString(0), Sessions: row.GetInt32(1), Since: row.GetDateTime(2)),
            cancellationToken,
            $"{WorkerName.OfSessions("")}%");
        return found.ToDictionary(row => row.Name[WorkerName.OfSessions("").Length..], row => (row.Sessions, row.Since));
    }

    private static async Task<ILookup<string, string>> ReadOrdersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            select worker, work ->> 'kind', projection, version from projections.work_order
            where ended_at is null and worker is not null order by number
            """,
            row => (Worker: row.GetString(0), Order: $"{row.GetNullable<string>(1) ?? "work"} of {row.GetString(2)} v{row.GetInt32(3)}"),
            cancellationToken);
        return found.ToLookup(row => row.Worker, row => row.Order);
    }
}
