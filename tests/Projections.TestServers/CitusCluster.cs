using Npgsql;
using Projections.LocalPostgres;
using Projections.Testing;

namespace Projections.TestServers;

/// <summary>
/// A coordinator and two workers of Citus: a fixture of a test class, whose servers start with the first database that is asked for. Each test has the database to
/// itself, and the class's tests run one after the other.
/// </summary>
public sealed class CitusCluster : IAsyncLifetime
{
    private const string Database = "test";

    private readonly List<LocalPostgresCluster> _servers = [];

    /// <summary>Why tests that need Citus cannot run here, or <c>null</c> when they can.</summary>
    public static string? SkipReason => PostgresForTests.OwnClusterSkipReason
        ?? (Library() is null ? $"There is no Citus for PostgreSQL {PostgresBinaries.Find().MajorVersion} on this machine. Install it with eng/install-citus.sh to run the tests against a coordinator and two workers." : null);

    /// <summary>The servers that have the shards.</summary>
    public IReadOnlyList<LocalPostgresCluster> Workers => _servers[1..];

    /// <summary>Creates an empty database in which tables can be distributed; dispose it when the test is over.</summary>
    /// <param name="shards">How many shards a table has.</param>
    public async Task<TestDatabase> CreateDatabaseAsync(int shards = 4)
    {
        await StartAsync();
        foreach (var worker in Workers)
        {
            await RollBackPreparedAsync(worker);
            await ExecuteAsync(worker, "postgres", $"drop database if exists {Database} with (force)");
            await ExecuteAsync(worker, "postgres", $"create database {Database}");
        }

        var database = await PostgresFixture.CreateDatabaseAsync(_servers[0]);
        var password = new NpgsqlConnectionStringBuilder(_servers[0].ConnectionString).Password;
        foreach (var server in _servers)
        {
            await ExecuteAsync(server, Database, "create extension citus");
            // Of node 0 means: of each that has none of its own.
            await ExecuteAsync(server, Database, $"insert into pg_dist_authinfo (nodeid, rolename, authinfo) values (0, 'postgres', 'password={password}')");
        }

        await ExecuteAsync(_servers[0], Database, $"select citus_set_coordinator_host('127.0.0.1', {PortOf(_servers[0])})");
        foreach (var worker in Workers)
        {
            await ExecuteAsync(_servers[0], Database, $"select citus_add_node('127.0.0.1', {PortOf(worker)})");
        }

        await ExecuteAsync(_servers[0], Database, $"alter database {Database} set citus.shard_count = {shards}");
        return database;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task StartAsync()
    {
        while (_servers.Count < 3)
        {
            var server = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions
            {
                SharedBuffers = 64,
                MaxPreparedTransactions = 200,
                Settings = new Dictionary<string, string>
                {
                    ["shared_preload_libraries"] = "citus",
                    ["citus.node_conninfo"] = "sslmode=prefer",
                    ["citus.enable_statistics_collection"] = "off",
                },
            });
            _servers.Add(server);
            // The servers call on each other as the superuser.
            await ExecuteAsync(server.ConnectionString, $"alter role postgres password '{new NpgsqlConnectionStringBuilder(_servers[0].ConnectionString).Password}'");
        }
    }

    /// <summary>The connection string of a database on one of the servers, whose superusers have the same password.</summary>
    public string ConnectionStringFor(LocalPostgresCluster server, string database = Database) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionStringFor(database)) { Password = new NpgsqlConnectionStringBuilder(_servers[0].ConnectionString).Password, Pooling = false }.ConnectionString;

    /// <summary>Lets a role that is there sign in on every server, and the servers call on each other as that role.</summary>
    /// <returns>The connection string with which it signs in on the coordinator.</returns>
    public async Task<string> LetInAsync(string role)
    {
        foreach (var server in _servers)
        {
            await ExecuteAsync(server, Database, $"set citus.enable_alter_role_propagation = off; alter role {role} login password '{role}'; insert into pg_dist_authinfo (nodeid, rolename, authinfo) values (0, '{role}', 'password={role}')");
        }

        return new NpgsqlConnectionStringBuilder(_servers[0].ConnectionStringFor(Database)) { Username = role, Password = role }.ConnectionString;
    }

    private Task ExecuteAsync(LocalPostgresCluster server, string database, string sql) => ExecuteAsync(ConnectionStringFor(server, database), sql);

    /// <summary>A failed test may have left some, and then the database could not be dropped.</summary>
    private async Task RollBackPreparedAsync(LocalPostgresCluster server)
    {
        var prepared = await StandbyPair.ScalarAsync<string[]?>(
            ConnectionStringFor(server, "postgres"), $"select array_agg(gid::text) from pg_prepared_xacts where database = '{Database}'");
        foreach (var name in prepared ?? [])
        {
            await ExecuteAsync(server, Database, $"rollback prepared '{name}'");
        }
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static int PortOf(LocalPostgresCluster server) => new NpgsqlConnectionStringBuilder(server.ConnectionString).Port;

    private static string? Library()
    {
        var server = new FileInfo(PostgresBinaries.Find().PathOf("postgres"));
        var folder = Path.GetDirectoryName(server.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? server.FullName)!;
        return new[] { "../lib/citus.so", "../lib/postgresql/citus.so" }.Select(path => Path.GetFullPath(Path.Combine(folder, path))).FirstOrDefault(File.Exists);
    }
}

/// <summary>A <c>[Fact]</c> that needs Citus; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CitusFactAttribute : FactAttribute
{
    private string? _skip;

    public override string? Skip
    {
        get => _skip ?? CitusCluster.SkipReason;
        set => _skip = value;
    }
}

/// <summary>A <c>[Theory]</c> that needs Citus; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CitusTheoryAttribute : TheoryAttribute
{
    private string? _skip;

    public override string? Skip
    {
        get => _skip ?? CitusCluster.SkipReason;
        set => _skip = value;
    }
}
