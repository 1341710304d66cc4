using System.Globalization;
using Npgsql;
using Projections.Benchmarks.Load;
using Projections.LocalPostgres;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.Invoicing;

namespace Projections.Benchmarks.Store;

/// <summary>A private server with seeded event stores, each of which is kept as a template and measured on in copies.</summary>
internal sealed class BenchmarkServer : IAsyncDisposable
{
    private const int EventsOfAnInvoice = 10;

    private readonly LocalPostgresCluster _cluster;
    private readonly NpgsqlDataSource _admin;
    private int _copies;

    private BenchmarkServer(LocalPostgresCluster cluster)
    {
        _cluster = cluster;
        _admin = NpgsqlDataSource.Create(cluster.ConnectionString);
    }

    public static async Task<BenchmarkServer> StartAsync(string? folder, CancellationToken cancellationToken) => new(
        await LocalPostgresCluster.StartAsync(
            new LocalPostgresOptions
            {
                Folder = folder,
                Patience = TimeSpan.FromMinutes(10),
                SharedBuffers = 1024,
                MaxWalSize = 8192,
                // By these the time from an event's commit to that of its row is read off, on the server's one clock.
                Settings = new Dictionary<string, string> { ["track_commit_timestamp"] = "on", ["max_connections"] = "1800" },
            },
            cancellationToken));

    /// <summary>Processor time that the server has used so far, all its processes together.</summary>
    public TimeSpan ProcessorTime => Report.ProcessorTime.OfFamily(ProcessOf(_cluster));

    /// <summary>The process of which all others of a server are children.</summary>
    public static int ProcessOf(LocalPostgresCluster cluster) =>
        int.Parse(File.ReadLines(Path.Combine(cluster.DataFolder, "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    /// <summary>Leaves the server one core, with all sessions that it will have.</summary>
    public void KeepTo(int core) => Core.Keep(ProcessOf(_cluster), core);

    /// <summary>Starts a streaming standby of the server, with all its stores.</summary>
    public Task<LocalPostgresCluster> StartStandbyAsync(CancellationToken cancellationToken) => _cluster.StartStandbyAsync(null, cancellationToken);

    public async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        await using var command = _admin.CreateCommand("show server_version");
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Copies the store with that many events, which is made first if there is none yet.</summary>
    public async Task<BenchmarkDatabase> CopyOfStoreAsync(int events, CancellationToken cancellationToken)
    {
        var template = $"store_{events}";
        if (!await ExistsAsync(template, cancellationToken))
        {
            await SeedAsync(template, events, cancellationToken);
        }

        var copy = $"measured_{Environment.ProcessId}_{++_copies}";
        await ExecuteAsync($"create database {copy} template {template} strategy file_copy", cancellationToken);
        return new BenchmarkDatabase(ConnectionStringOf(copy), () => ExecuteAsync($"drop database {copy} with (force)", CancellationToken.None));
    }

    /// <summary>Copies the store with that many events so many times.</summary>
    /// <returns>The databases' names, and what drops them.</returns>
    public async Task<(IReadOnlyList<string> Names, Func<Task> DropAsync)> CopiesOfStoreAsync(int events, int copies, CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var databases = new List<BenchmarkDatabase>();
        for (var copy = 0; copy < copies; copy++)
        {
            databases.Add(await CopyOfStoreAsync(events, cancellationToken));
            names.Add(new NpgsqlConnectionStringBuilder(databases[^1].ConnectionString).Database!);
        }

        return (names, async () =>
        {
            foreach (var database in databases)
            {
                await database.DisposeAsync();
            }
        });
    }

    /// <summary>Where a database is whose name stands in place of <c>{name}</c>.</summary>
    public string ConnectionTemplate => ConnectionStringOf("{name}");

    /// <summary>How many connections each database has.</summary>
    public async Task<IReadOnlyList<long>> ConnectionsAsync(IReadOnlyList<string> databases, CancellationToken cancellationToken)
    {
        await using var command = _admin.CreateCommand("select count(*) from pg_stat_activity where datname = any ($1) and application_name like 'projections/%' group by datname");
        command.Parameters.Add(new NpgsqlParameter { Value = databases.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var counts = new List<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            counts.Add(reader.GetInt64(0));
        }

        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();

        // With a checkpoint, so that a kept folder needs no recovery the next time.
        await _cluster.StopAsync(StopMode.Fast);
        await _cluster.DisposeAsync();
    }

    private async Task SeedAsync(string template, int events, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Seeding {events:N0} events ...");
        var unfinished = $"{template}_unfinished";
        await ExecuteAsync($"drop database if exists {unfinished} with (force)", cancellationToken);
        await ExecuteAsync($"create database {unfinished}", cancellationToken);
        await using (var store = NpgsqlDataSource.Create(ConnectionStringForSeeding(unfinished)))
        {
            var table = new MartenEventTable(store, BenchmarkDatabase.EventSchema);
            await table.CreateAsync(cancellationToken);
            await table.SeedAsync(new InvoicingHistory(events / EventsOfAnInvoice).Events().Select(BenchmarkDatabase.AsMarten), "invoice", cancellationToken);
            await using var vacuum = store.CreateCommand($"vacuum (freeze, analyze) {BenchmarkDatabase.EventTable}");
            await vacuum.ExecuteNonQueryAsync(cancellationToken);
        }

        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync($"alter database {unfinished} rename to {template}", cancellationToken);
    }

    private string ConnectionStringOf(string database) =>
        new NpgsqlConnectionStringBuilder(_cluster.ConnectionString) { Database = database }.ConnectionString;

    // Filling a large store takes longer than a statement may take by default.
    private string ConnectionStringForSeeding(string database) =>
        new NpgsqlConnectionStringBuilder(ConnectionStringOf(database)) { CommandTimeout = 0 }.ConnectionString;

    private async Task<bool> ExistsAsync(string database, CancellationToken cancellationToken)
    {
        await using var command = _admin.CreateCommand("select exists (select from pg_database where datname = $1)");
        command.Parameters.Add(new NpgsqlParameter { Value = database });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = _admin.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
