using System.Net;
using System.Net.Sockets;
using Npgsql;
using Projections.Migrations.Running;
using Projections.Migrations.Tests.Execution;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests.Running;

public sealed class DatabaseOpeningTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly CancellationToken None = CancellationToken.None;

    [PostgresFact]
    public async Task A_database_that_is_not_there_is_created_once_where_that_is_asked_for()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var name = $"new \"{Guid.NewGuid():n}";
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = name }.ConnectionString;
        try
        {
            (await Should.ThrowAsync<MigrationRefused>(() => new DatabaseOpening().PrepareAsync(address, None))).Message.ShouldContain("--create-database");

            var created = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => new DatabaseOpening { Creates = true, Patience = TimeSpan.FromMinutes(1) }.PrepareAsync(address, None)));

            created.Count(isNew => isNew).ShouldBe(1);
            (await new DatabaseOpening { Creates = true }.PrepareAsync(address, None)).ShouldBeFalse();
        }
        finally
        {
            await database.ExecuteAsync($"DROP DATABASE IF EXISTS \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" WITH (FORCE)");
        }
    }

    [PostgresFact]
    public async Task A_server_that_starts_is_waited_for()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var direct = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var port = FreePort();
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Host = "127.0.0.1", Port = port, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
        await Should.ThrowAsync<NpgsqlException>(() => new DatabaseOpening().PrepareAsync(address, None));

        FakePooler? server = null;
        var opening = new DatabaseOpening { Patience = TimeSpan.FromMinutes(2), OnWait = _ => server = new FakePooler(direct.Port, port) };
        (await opening.PrepareAsync(address, None)).ShouldBeFalse();

        await server.ShouldNotBeNull().DisposeAsync();
    }

    private static int FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }
}
