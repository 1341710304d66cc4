using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Projections.TestServers;

namespace Projections.LocalPostgres.Tests;

public sealed class LocalPostgresClusterTests
{
    [PostgresFact(OwnCluster = true)]
    public async Task A_cluster_listens_on_the_loopback_interface_only_and_asks_for_a_password()
    {
        await using var cluster = await LocalPostgresCluster.StartAsync();

        (await QueryAsync<string>(cluster.ConnectionString, "SHOW listen_addresses")).ShouldBe("127.0.0.1");
        (await QueryAsync<string>(cluster.ConnectionString, "SHOW unix_socket_directories")).ShouldBe("");
        var wrong = new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Password = "guess" }.ConnectionString;
        var refused = await Should.ThrowAsync<PostgresException>(() => QueryAsync<int>(wrong, "SELECT 1"));
        refused.SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
    }

    [PostgresFact(OwnCluster = true)]
    public async Task Committed_rows_survive_an_immediate_stop_and_the_port_stays()
    {
        await using var cluster = await LocalPostgresCluster.StartAsync();
        var database = await cluster.CreateDatabaseAsync("kept \"as\" it is");
        await ExecuteAsync(database, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n");

        await cluster.StopAsync(StopMode.Immediate);
        await Should.ThrowAsync<NpgsqlException>(() => QueryAsync<long>(database, "SELECT count(*) FROM kept"));
        await cluster.StartAgainAsync();

        NpgsqlConnection.ClearAllPools();
        (await QueryAsync<long>(database, "SELECT count(*) FROM kept")).ShouldBe(1000);
        (await QueryAsync<bool>(database, "SELECT NOT pg_is_in_recovery()")).ShouldBeTrue();
    }

    [PostgresFact(OwnCluster = true)]
    public async Task A_stopped_server_waits_for_its_port_while_somebody_else_has_it()
    {
        await using var cluster = await LocalPostgresCluster.StartAsync();
        await cluster.StopAsync();
        var other = new TcpListener(System.Net.IPAddress.Loopback, new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Port);
        other.Start();

        var starting = cluster.StartAgainAsync();
        while (!(await File.ReadAllTextAsync(cluster.LogFile)).Contains("Address already in use", StringComparison.Ordinal))
        {
            starting.IsCompleted.ShouldBeFalse();
            await Task.Delay(10);
        }

        other.Stop();
        await starting;

        NpgsqlConnection.ClearAllPools();
        (await QueryAsync<int>(cluster.ConnectionString, "SELECT 1")).ShouldBe(1);
    }

    [PostgresFact(OwnCluster = true)]
    public async Task The_server_never_runs_as_root()
    {
        await using var cluster = await LocalPostgresCluster.StartAsync();

        var pid = (await File.ReadAllLinesAsync(Path.Combine(cluster.DataFolder, "postmaster.pid")))[0];
        var user = ToolProcess.Run("/bin/ps", ["-o", "uid=", "-p", pid]).Output;

        int.Parse(user, CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);
    }

    [PostgresFact(OwnCluster = true)]
    public async Task Nothing_is_left_after_dispose()
    {
        string data;
        string connectionString;
        await using (var cluster = await LocalPostgresCluster.StartAsync())
        {
            data = cluster.DataFolder;
            connectionString = cluster.ConnectionString;
        }

        Directory.Exists(Path.GetDirectoryName(data)).ShouldBeFalse();
        (await IsListeningAsync(connectionString)).ShouldBeFalse();
    }

    [PostgresFact(OwnCluster = true)]
    public async Task Nothing_is_left_after_the_process_that_started_it_was_killed()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Projections.AbandonedCluster.dll");
        using var owner = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("dotnet", [program]) { RedirectStandardOutput = true })!;
        var data = (await owner.StandardOutput.ReadLineAsync()).ShouldNotBeNull();
        var connectionString = (await owner.StandardOutput.ReadLineAsync()).ShouldNotBeNull();
        (await QueryAsync<int>(connectionString, "SELECT 1")).ShouldBe(1);

        owner.Kill();

        var folder = Path.GetDirectoryName(data)!;
        await EventuallyAsync(() => !Directory.Exists(folder), $"'{folder}' is still there");
        (await IsListeningAsync(connectionString)).ShouldBeFalse();
    }

    [PostgresFact(OwnCluster = true)]
    public async Task A_cluster_in_a_given_folder_stays_and_is_taken_up_again()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"projections-kept-{Guid.NewGuid():n}");
        try
        {
            await using (var first = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { Folder = folder }))
            {
                await ExecuteAsync(first.ConnectionString, "CREATE TABLE kept AS SELECT 42 AS n");
            }

            await using var second = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { Folder = folder });
            (await QueryAsync<int>(second.ConnectionString, "SELECT n FROM kept")).ShouldBe(42);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [PostgresFact(OwnCluster = true)]
    public async Task A_setting_that_the_server_refuses_is_named_in_the_error()
    {
        var options = new LocalPostgresOptions { Settings = new Dictionary<string, string> { ["no_such_setting"] = "1" } };

        var failed = await Should.ThrowAsync<LocalPostgresFailed>(() => LocalPostgresCluster.StartAsync(options));

        failed.Message.ShouldContain("no_such_setting");
    }

    private static async Task<bool> IsListeningAsync(string connectionString)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", new NpgsqlConnectionStringBuilder(connectionString).Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>For what happens in another process, which raises no event here.</summary>
    private static async Task EventuallyAsync(Func<bool> condition, string otherwise)
    {
        using var patience = new CancellationTokenSource(Deadline.Generous);
        while (!condition())
        {
            patience.IsCancellationRequested.ShouldBeFalse($"{otherwise} after {Deadline.Generous.TotalSeconds} seconds");
            await Task.Delay(20);
        }
    }

    private static async Task<T> QueryAsync<T>(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
