using Npgsql;
using Projections.Migrations.Execution;
using Projections.Migrations.Parsing;
using Projections.Migrations.Running;
using Projections.Migrations.Tracking;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Execution;

public sealed class StepwiseRunTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();
    private readonly RecordedProgress _progress = new();

    public void Dispose() => _files.Dispose();

    private Task<MigrationReport> UpAsync(TestDatabase database, OnInterrupted onInterrupted = OnInterrupted.Refuse) =>
        new MigrationRunner(database.DataSource, _files.Options, progress: _progress)
            .UpAsync(new UpRequest { OnInterrupted = onInterrupted }, None);

    [PostgresFact]
    public async Task A_retry_goes_on_behind_the_statements_that_are_done()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint); CREATE TABLE counts (n int)");
        const string beginning = "-- transaction: none\nINSERT INTO counts VALUES (1);\nVACUUM a;\n";
        _files.With("001_a", beginning + "INSERT INTO missing VALUES (1);", "SELECT 1");

        var failed = await UpAsync(database);
        failed.Failure!.Message.ShouldContain("2 of its 3 statements are done and journalled");
        failed.Failure!.Message.ShouldNotContain("stays behind");
        (await new MigrationRunner(database.DataSource, _files.Options).StatusAsync(None)).Service[0].State.ShouldBe(MigrationState.Interrupted);

        _files.With("001_a.up.sql", beginning + "INSERT INTO counts VALUES (2);");
        (await UpAsync(database)).Succeeded.ShouldBeTrue();

        (await database.ScalarAsync<string>("SELECT string_agg(n::text, ',' ORDER BY n) FROM counts")).ShouldBe("1,2");
        (await UpAsync(database)).Done.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_finished_statement_that_reads_differently_now_is_refused()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "-- transaction: none\nCREATE TABLE a (id int);\nSELECT 1/0;", "SELECT 1");
        await UpAsync(database);
        _files.With("001_a.up.sql", "-- transaction: none\nCREATE TABLE a (id bigint);\nSELECT 1;");

        (await UpAsync(database)).Failure.ShouldBeOfType<MigrationStopped>().Message.ShouldContain("statement 1");
    }

    [PostgresFact]
    public async Task An_invalid_index_is_dropped_before_the_retry()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint); INSERT INTO a VALUES (1), (1)");
        _files.With("001_a", "-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_id ON a (id);", "DROP INDEX a_id");

        (await UpAsync(database)).Failure.ShouldBeOfType<MigrationFailed>().Message.ShouldContain(
            "public.a_id stays behind invalid: no query uses it, and every writer keeps it up. The next run drops it and builds it anew.");
        (await IsValidAsync(database)).ShouldBeFalse();
        await database.ExecuteAsync("DELETE FROM a; INSERT INTO a VALUES (1)");

        (await UpAsync(database)).Succeeded.ShouldBeTrue();
        (await IsValidAsync(database)).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Building_concurrently_waits_for_old_transactions_longer_than_the_lock_timeout()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint)");
        _files.With("001_a", "-- transaction: none\n-- lock-timeout: 10ms\nCREATE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX a_id");
        await using var writer = await database.DataSource.OpenConnectionAsync();
        await using var writes = await writer.BeginTransactionAsync();
        await writer.ExecuteLongAsync("INSERT INTO a VALUES (1)", None);

        var up = UpAsync(database);
        await AwaitWaitingBuildAsync(database, TimeSpan.FromMilliseconds(100));
        await writes.CommitAsync();

        (await up).Succeeded.ShouldBeTrue();
        (await IsValidAsync(database)).ShouldBeTrue();
        _progress.Count<MigrationProgress.Retrying>().ShouldBe(0);
    }

    [PostgresFact]
    public async Task An_interrupted_build_that_had_finished_is_not_repeated()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint)");
        _files.With("001_a", "-- transaction: none\nCREATE INDEX CONCURRENTLY a_id ON a (id);", "DROP INDEX a_id");
        await InterruptAsync(database);
        await database.ExecuteAsync("CREATE INDEX a_id ON a (id)");

        (await UpAsync(database)).Succeeded.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task An_interrupted_statement_of_unknown_fate_is_refused_until_somebody_decides()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE n (i int); CREATE PROCEDURE step() LANGUAGE plpgsql AS 'BEGIN INSERT INTO n VALUES (1); COMMIT; END'");
        _files.With("001_a", "-- transaction: none\nCALL step();\nINSERT INTO n VALUES (2);", "SELECT 1");
        await InterruptAsync(database);

        (await UpAsync(database)).Failure.ShouldBeOfType<MigrationStopped>().Message.ShouldContain("--interrupted skip");
        (await UpAsync(database, OnInterrupted.Skip)).Succeeded.ShouldBeTrue();
        (await database.ScalarAsync<string>("SELECT string_agg(i::text, ',' ORDER BY i) FROM n")).ShouldBe("2");
    }

    [PostgresFact]
    public async Task A_detachment_that_had_only_begun_is_completed()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)");
        _files.With("001_a", "-- transaction: none\nALTER TABLE p DETACH PARTITION public.p1 CONCURRENTLY;", "SELECT 1");
        await InterruptAsync(database);
        await BreakDetachmentAsync(database);

        (await UpAsync(database)).Succeeded.ShouldBeTrue();
        (await database.ScalarAsync<bool>("SELECT NOT EXISTS (SELECT FROM pg_inherits)")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Going_down_without_a_transaction_is_journalled_as_well()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE n (i int)");
        _files.With("001_a", "SELECT 1", "-- transaction: none\nINSERT INTO n VALUES (1);\nINSERT INTO missing VALUES (1);");
        var runner = new MigrationRunner(database.DataSource, _files.Options);
        await runner.UpAsync(new UpRequest(), None);

        (await runner.DownAsync(new DownRequest(), None)).Succeeded.ShouldBeFalse();
        var refused = await Should.ThrowAsync<MigrationRefused>(() => runner.UpAsync(new UpRequest(), None));
        refused.Refusals.ShouldHaveSingleItem().Id.ShouldBe("reverting");
        await database.ExecuteAsync("CREATE TABLE missing (i int)");
        (await runner.DownAsync(new DownRequest(), None)).Succeeded.ShouldBeTrue();

        (await database.ScalarAsync<long>("SELECT count(*) FROM n")).ShouldBe(1);
        (await runner.StatusAsync(None)).Service.ShouldHaveSingleItem().State.ShouldBe(MigrationState.Pending);
    }

    private static Task<bool> IsValidAsync(TestDatabase database) =>
        database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_id'::regclass");

    // Leaves the journal as a runner does that is killed while its first statement runs.
    private async Task InterruptAsync(TestDatabase database)
    {
        var migration = (await Migrations.Files.MigrationFolder.ReadAsync(_files.Folder, None))[0];
        var tracking = MigrationTarget.OfService(_files.Options).Tracking;
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await tracking.EnsureAsync(connection, None);
        await tracking.InsertAsync(connection, migration, TrackedState.Started, new RunIdentity("test"), None);
        await tracking.MarkInFlightAsync(connection, migration, StatementDigest.Of(migration.Up.Statements[0]), 0, None);
    }

    private static async Task AwaitWaitingBuildAsync(TestDatabase database, TimeSpan atLeast)
    {
        while (!await database.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock' AND now() - query_start > interval '{atLeast.TotalMilliseconds} ms')"))
        {
            await Task.Delay(10);
        }
    }

    private static async Task BreakDetachmentAsync(TestDatabase database)
    {
        await using var reader = await database.DataSource.OpenConnectionAsync();
        await using var longRead = await reader.BeginTransactionAsync();
        await reader.ExecuteLongAsync("SELECT * FROM p", None);
        await using var detaching = await database.DataSource.OpenConnectionAsync();
        await detaching.ExecuteLongAsync("SET lock_timeout = '50ms'", None);
        (await Should.ThrowAsync<PostgresException>(() => detaching.ExecuteLongAsync("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", None)))
            .SqlState.ShouldBe(PostgresErrorCodes.LockNotAvailable);
    }
}
