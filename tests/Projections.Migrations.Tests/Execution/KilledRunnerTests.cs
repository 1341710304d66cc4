using System.Diagnostics;
using Projections.Migrations.Running;
using Projections.Migrations.Tracking;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Execution;

/// <summary>A runner is killed in the middle, as by <c>kill -9</c>, and the next one brings everything to its end exactly once.</summary>
public sealed class KilledRunnerTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    [PostgresFact]
    public async Task A_transactional_migration_begins_anew()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (n int); INSERT INTO a VALUES (1)", "DROP TABLE a")
            .With("002_b", "UPDATE a SET n = n + 1; SELECT pg_sleep(1.5); UPDATE a SET n = n * 10", "SELECT 1");

        await KillAsync(database, "query LIKE 'SELECT pg_sleep%'");
        (await database.ScalarAsync<int>("SELECT n FROM a")).ShouldBe(1);
        await UpAsync(database);

        (await database.ScalarAsync<int>("SELECT n FROM a")).ShouldBe(20);
    }

    [PostgresFact]
    public async Task A_migration_without_a_transaction_goes_on_behind_its_finished_statements()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (n int); INSERT INTO a VALUES (1)");
        _files.With("001_a", "-- transaction: none\nUPDATE a SET n = n + 1;\nCREATE INDEX CONCURRENTLY a_n ON a (n);\nUPDATE a SET n = n * 10;", "SELECT 1");
        await using var writer = await database.DataSource.OpenConnectionAsync();

        // The build waits for this transaction, which began before it; so the runner dies while its statement runs in the server.
        await using (var old = await writer.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead))
        {
            await writer.ExecuteLongAsync("SELECT txid_current(), count(*) FROM pg_class", CancellationToken.None);
            await KillAsync(database, "query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock'");
            (await StateAsync(database)).ShouldBe(MigrationState.Interrupted);
            await old.CommitAsync();
        }

        await UpAsync(database);

        (await database.ScalarAsync<int>("SELECT n FROM a")).ShouldBe(20);
        (await database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass")).ShouldBeTrue();
        (await StateAsync(database)).ShouldBe(MigrationState.Applied);
    }

    [PostgresFact]
    public async Task A_backfill_goes_on_where_it_was()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint PRIMARY KEY, n int); INSERT INTO a SELECT i, 0 FROM generate_series(1, 400) i");
        _files.With("001_a.backfill.sql", "-- table: a\n-- key: id\n-- batch: 10\n-- pause: 20ms\n-- target: 1ms\nUPDATE a SET n = n + 1 WHERE id BETWEEN :first AND :last");

        using (var process = Start(database))
        {
            while (!await database.ScalarAsync<bool>("SELECT to_regclass('schema_migrations') IS NOT NULL")
                || await database.ScalarAsync<long>("SELECT coalesce(sum(rows_done), 0)::bigint FROM schema_migrations") < 50)
            {
                process.HasExited.ShouldBeFalse();
                await Task.Delay(5);
            }

            await EndAsync(process);
        }

        (await StateAsync(database)).ShouldBe(MigrationState.Interrupted);
        var done = await database.ScalarAsync<long>("SELECT rows_done FROM schema_migrations");
        done.ShouldBeLessThan(400);
        await UpAsync(database);

        (await database.ScalarAsync<string>("SELECT count(*) || ' ' || min(n) || ' ' || max(n) FROM a")).ShouldBe("400 1 1");
        (await database.ScalarAsync<long>("SELECT rows_done FROM schema_migrations")).ShouldBe(400);
    }

    private async Task UpAsync(TestDatabase database) =>
        (await new MigrationRunner(database.DataSource, _files.Options).UpAsync(new UpRequest(), CancellationToken.None)).ThrowIfFailed();

    private async Task<MigrationState> StateAsync(TestDatabase database) =>
        (await new MigrationRunner(database.DataSource, _files.Options).StatusAsync(CancellationToken.None)).Service[^1].State;

    private async Task KillAsync(TestDatabase database, string seen)
    {
        using var process = Start(database);
        while (!await database.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND {seen})"))
        {
            process.HasExited.ShouldBeFalse();
            await Task.Delay(5);
        }

        await EndAsync(process);
    }

    private Process Start(TestDatabase database) =>
        Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "Projections.MigrationProcess.dll"), database.ConnectionString, _files.Folder]))!;

    private static async Task EndAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
    }
}
