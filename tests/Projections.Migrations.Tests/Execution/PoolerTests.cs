using Npgsql;
using Projections.Migrations.Running;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Execution;

public sealed class PoolerTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    [PostgresFact]
    public async Task Through_a_pooler_transactions_run_and_what_needs_a_session_says_so()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var direct = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var pooler = new FakePooler(direct.Port);
        await using var pooled = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Host = "127.0.0.1", Port = pooler.Port, SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable, Pooling = false,
        });
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a")
            .With("002_b", "-- transaction: none\nCREATE INDEX CONCURRENTLY a_id ON a (id)", "DROP INDEX a_id");

        var report = await new MigrationRunner(pooled, _files.Options).UpAsync(new UpRequest(), CancellationToken.None);

        report.Done.ShouldHaveSingleItem().Migration.Id.ShouldBe("001_a");
        report.Failure.ShouldBeOfType<MigrationStopped>().Message.ShouldContain("cannot run through a connection pooler");
        (await database.ScalarAsync<bool>("SELECT to_regclass('a_id') IS NULL")).ShouldBeTrue();
    }
}
