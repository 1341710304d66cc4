using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Projections.LocalPostgres;

/// <summary>
/// A private PostgreSQL cluster on this machine, for a demo or a test: own data folder, own port on 127.0.0.1 only, never
/// under root, protected by a generated password. It ends with the process that started it, however that process ends.
/// </summary>
public sealed class LocalPostgresCluster : IAsyncDisposable
{
    private const int PortsToTry = 10;

    private static readonly TimeSpan BetweenLooksAtPort = TimeSpan.FromMilliseconds(200);

    private readonly LocalPostgresOptions _options;
    private readonly PostgresBinaries _binaries;
    private readonly ClusterFiles _files;
    private readonly ClusterKeeper _keeper;
    private readonly string _password;
    private readonly int _port;

    private LocalPostgresCluster(
        LocalPostgresOptions options, PostgresBinaries binaries, ClusterFiles files, ClusterKeeper keeper, string password, int port)
    {
        _options = options;
        _binaries = binaries;
        _files = files;
        _keeper = keeper;
        _password = password;
        _port = port;
    }

    /// <summary>Of the database <c>postgres</c>, as superuser.</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    /// <summary>The file that the server logs into.</summary>
    public string LogFile => _files.Log;

    /// <summary>The server's data folder.</summary>
    public string DataFolder => _files.Data;

    /// <summary>The server's major version.</summary>
    public int MajorVersion => _binaries.MajorVersion;

    /// <summary>Makes a cluster, or takes the one in <see cref="LocalPostgresOptions.Folder"/>, and starts it.</summary>
    /// <exception cref="PostgresBinariesMissing">There is no PostgreSQL on this machine.</exception>
    /// <exception cref="LocalPostgresFailed">The cluster could not be made or started.</exception>
    public static Task<LocalPostgresCluster> StartAsync(LocalPostgresOptions? options = null, CancellationToken cancellationToken = default) =>
        StartAsync(options ?? new LocalPostgresOptions(), files => files.CreateAsync(cancellationToken), cancellationToken);

    /// <summary>Starts a streaming standby of this cluster, in a temporary folder of its own.</summary>
    /// <param name="settings">Its settings beside those of this cluster, such as <c>recovery_min_apply_delay</c>.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="LocalPostgresFailed">It could not be made or started.</exception>
    internal Task<LocalPostgresCluster> StartStandbyAsync(IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellationToken = default) =>
        StartAsync(
            _options with { Folder = null, Settings = new Dictionary<string, string>([.. _options.Settings, .. settings ?? new Dictionary<string, string>()]) },
            files => files.CopyAsync(_port, _password, cancellationToken),
            cancellationToken);

    private static async Task<LocalPostgresCluster> StartAsync(LocalPostgresOptions options, Func<ClusterFiles, Task<string>> create, CancellationToken cancellationToken)
    {
        var binaries = options.Binaries ?? PostgresBinaries.Find();
        var account = ServerAccount.Choose();
        var folder = options.Folder is { } given
            ? Path.GetFullPath(given)
            : Path.Combine(Path.GetTempPath(), $"projections-postgres-{Guid.NewGuid():n}");

        var keeper = ClusterKeeper.Start(folder, removeFolder: options.Folder is null, account, binaries);
        try
        {
            var files = new ClusterFiles(folder, account, binaries);
            var password = await create(files);
            for (var attempt = 1; ; attempt++)
            {
                var port = FreePort.Find();
                await files.WriteSettingsAsync(options, port, cancellationToken);
                var cluster = new LocalPostgresCluster(options, binaries, files, keeper, password, port);
                try
                {
                    await cluster.RunServerAsync(cancellationToken);
                    return cluster;
                }
                catch (LocalPostgresFailed failed) when (failed.PortWasTaken && attempt < PortsToTry)
                {
                    // Between the search and the start somebody else came by.
                }
            }
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    /// <summary>The connection string of another database of the cluster, as superuser.</summary>
    public string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = ClusterFiles.Superuser,
        Password = _password,
        Database = database,
    }.ConnectionString;

    /// <summary>Creates a database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        // Not pooled: the server may have been stopped and started since the last use.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        using var quoting = new NpgsqlCommandBuilder();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {quoting.QuoteIdentifier(name)}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return ConnectionStringFor(name);
    }

    /// <summary>Stops the server; the data stays until the cluster is disposed.</summary>
    public Task StopAsync(StopMode mode = StopMode.Fast, CancellationToken cancellationToken = default)
    {
        var modeName = mode == StopMode.Fast ? "fast" : "immediate";
        return _files.RunAsync(
            [_binaries.PathOf("pg_ctl"), "stop", "-D", _files.Data, "-m", modeName, "-w", "-t", PatienceSeconds], cancellationToken);
    }

    /// <summary>Starts the stopped server with the same data on the same port. Should somebody else have taken that meanwhile, it waits until it is free.</summary>
    /// <exception cref="LocalPostgresFailed">The server did not start, or the port was not free within <see cref="LocalPostgresOptions.Patience"/>.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                await RunServerAsync(cancellationToken);
                return;
            }
            catch (LocalPostgresFailed failed) when (failed.PortWasTaken && Stopwatch.GetElapsedTime(began) < _options.Patience)
            {
                await Task.Delay(BetweenLooksAtPort, cancellationToken);
            }
        }
    }

    /// <summary>Stops the server at once and removes a temporary folder.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    private Task RunServerAsync(CancellationToken cancellationToken) =>
        _files.RunAsync(
            [_binaries.PathOf("pg_ctl"), "start", "-D", _files.Data, "-l", _files.Log, "-s", "-w", "-t", PatienceSeconds], cancellationToken);

    private string PatienceSeconds => ((int)_options.Patience.TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
