using Projections.Migrations.Execution;
using Projections.Migrations.Running;
using Projections.Migrations.Tracking;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Running;

public sealed class MigrationRunnerTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();
    private readonly RecordedProgress _progress = new();

    public void Dispose() => _files.Dispose();

    private MigrationRunner Runner(TestDatabase database) => new(database.DataSource, _files.Options, progress: _progress);

    private async Task<MigrationReport> UpAsync(TestDatabase database, UpRequest? request = null)
    {
        var report = await Runner(database).UpAsync(request ?? new UpRequest(), None);
        report.ThrowIfFailed();
        return report;
    }

    private static string[] Ids(MigrationReport report) => [.. report.Done.Select(outcome => outcome.Migration.Id)];

    private async Task<MigrationRefused> RefusalAsync(TestDatabase database) =>
        await Should.ThrowAsync<MigrationRefused>(() => Runner(database).UpAsync(new UpRequest(), None));

    [PostgresFact]
    public async Task Migrations_go_up_in_order_and_down_in_reverse()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint PRIMARY KEY)", "DROP TABLE a")
            .With("002_b", "ALTER TABLE a ADD COLUMN b text; COMMENT ON COLUMN a.b IS 'b'", "ALTER TABLE a DROP COLUMN b")
            .With("003_c", "CREATE INDEX c ON a (b)", "DROP INDEX c");

        Ids(await UpAsync(database, new UpRequest { To = 2 })).ShouldBe(["001_a", "002_b"]);
        Ids(await UpAsync(database)).ShouldBe(["003_c"]);
        Ids(await UpAsync(database)).ShouldBeEmpty();
        Ids(await Runner(database).DownAsync(new DownRequest { Steps = 2 }, None)).ShouldBe(["003_c", "002_b"]);
        Ids(await Runner(database).RedoAsync(None)).ShouldBe(["001_a", "001_a"]);
        Ids(await Runner(database).DownAsync(new DownRequest { To = 0 }, None)).ShouldBe(["001_a"]);
        (await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NULL")).ShouldBeTrue();
        (await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_dry_run_changes_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a");

        var report = await UpAsync(database, new UpRequest { DryRun = true });

        report.Planned.Select(migration => migration.Id).ShouldBe(["001_a"]);
        report.Done.ShouldBeEmpty();
        (await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NULL AND to_regclass('schema_migrations') IS NULL")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_failed_migration_leaves_nothing_and_what_came_before_stays()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a")
            .With("002_b", "CREATE TABLE b (id bigint);\n\nSELECT 1/0", "DROP TABLE b");

        var report = await Runner(database).UpAsync(new UpRequest(), None);

        Ids(report).ShouldBe(["001_a"]);
        var failure = report.Failure.ShouldBeOfType<MigrationFailed>();
        failure.Message.ShouldContain("002_b.up.sql:3: division by zero (22012)");
        (await database.ScalarAsync<bool>("SELECT to_regclass('b') IS NULL")).ShouldBeTrue();
        (await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task The_row_says_what_was_applied_by_whom_and_with_what()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a");
        var options = _files.Options with { AppliedBy = "deployer", TrackingSchema = "ops", TrackingTable = "done \"things\"" };

        await new MigrationRunner(database.DataSource, options).UpAsync(new UpRequest { SafetySkipped = "no users yet" }, None);

        var row = (await new MigrationRunner(database.DataSource, options).StatusAsync(None)).Service.ShouldHaveSingleItem().Tracked!;
        row.State.ShouldBe(TrackedState.Done);
        row.AppliedBy.ShouldBe("deployer");
        row.SafetySkipped.ShouldBe("no users yet");
        row.ToolVersion.ShouldNotBeEmpty();
        row.Checksum.Length.ShouldBe(64);
        (DateTime.UtcNow - row.AppliedAt).ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [PostgresFact]
    public async Task Services_share_a_database_and_a_tracking_table()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        using var others = new MigrationFiles();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a");
        others.With("001_z", "CREATE TABLE z (id bigint)", "DROP TABLE z");
        var other = new MigrationRunner(database.DataSource, others.Options with { Service = "shipping" });

        await UpAsync(database);
        Ids(await other.UpAsync(new UpRequest(), None)).ShouldBe(["001_z"]);

        (await Runner(database).StatusAsync(None)).Service.ShouldHaveSingleItem().Id.ShouldBe("001_a");
        (await other.StatusAsync(None)).Service.ShouldHaveSingleItem().Id.ShouldBe("001_z");
    }

    [PostgresFact]
    public async Task A_changed_file_is_refused_with_both_checksums()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a");
        await UpAsync(database);
        var applied = await database.ScalarAsync<string>("SELECT checksum FROM schema_migrations");
        _files.With("001_a.up.sql", "CREATE TABLE a (id bigint, b text)").With("002_b", "SELECT 1", "SELECT 1");

        var refused = await RefusalAsync(database);

        refused.Refusals.ShouldHaveSingleItem().Id.ShouldBe("changed");
        refused.Message.ShouldContain(applied);
        refused.Message.ShouldContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("CREATE TABLE a (id bigint, b text)"u8)));
    }

    [PostgresFact]
    public async Task Other_line_ends_are_told_apart_and_do_not_matter()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a\n(id bigint);\n", "DROP TABLE a");
        await UpAsync(database);
        _files.With("001_a.up.sql", "CREATE TABLE a\r\n(id bigint);\r\n");

        Ids(await UpAsync(database)).ShouldBeEmpty();

        (await Runner(database).StatusAsync(None)).Service.ShouldHaveSingleItem().State.ShouldBe(MigrationState.AppliedLineEndsDiffer);
    }

    [PostgresFact]
    public async Task An_applied_file_that_is_gone_is_refused()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "SELECT 1", "SELECT 1").With("002_b", "SELECT 1", "SELECT 1");
        await UpAsync(database);
        _files.Remove("002_b");

        (await RefusalAsync(database)).Refusals.ShouldHaveSingleItem().Id.ShouldBe("missing");
    }

    [PostgresFact]
    public async Task A_number_below_the_newest_is_refused_unless_allowed()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("20260102_b", "SELECT 1", "SELECT 1");
        await UpAsync(database);
        _files.With("20260101_a", "SELECT 1", "SELECT 1");

        (await RefusalAsync(database)).Refusals.ShouldHaveSingleItem().Id.ShouldBe("out-of-order");
        Ids(await new MigrationRunner(database.DataSource, _files.Options with { AllowOutOfOrder = true }).UpAsync(new UpRequest(), None))
            .ShouldBe(["20260101_a"]);
    }

    [PostgresFact]
    public async Task What_is_irreversible_is_refused_with_its_reason()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "SELECT 1", "-- irreversible: the letters have been sent").With("002_b", "SELECT 1", "SELECT 1");
        await UpAsync(database);

        var refused = await Should.ThrowAsync<MigrationRefused>(() => Runner(database).DownAsync(new DownRequest { To = 0 }, None));

        refused.Message.ShouldContain("001_a cannot be taken back: the letters have been sent");
        (await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations")).ShouldBe(2);
    }

    [PostgresFact]
    public async Task Ten_runners_at_once_apply_everything_exactly_once()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint PRIMARY KEY, n int); INSERT INTO a SELECT i, 0 FROM generate_series(1, 1000) i", "DROP TABLE a")
            .With("002_b", "UPDATE a SET n = n + 1", "SELECT 1")
            .With("003_c", "-- transaction: none\nCREATE INDEX CONCURRENTLY a_n ON a (n); UPDATE a SET n = n + 1", "DROP INDEX a_n");

        var reports = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Runner(database).UpAsync(new UpRequest(), None)));

        reports.ShouldAllBe(report => report.Succeeded);
        reports.Sum(report => report.Done.Count).ShouldBe(3);
        (await database.ScalarAsync<bool>("SELECT bool_and(n = 2) FROM a")).ShouldBeTrue();
        _progress.Count<MigrationProgress.WaitingForRunner>().ShouldBeGreaterThan(0);
    }

    [PostgresFact]
    public async Task A_lock_that_cannot_be_had_is_tried_again_and_no_queue_forms_behind_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint)");
        _files.With("001_a", "-- lock-timeout: 100ms\nALTER TABLE a ADD COLUMN b text", "ALTER TABLE a DROP COLUMN b");

        await using var reader = await database.DataSource.OpenConnectionAsync();
        await using var longRead = await reader.BeginTransactionAsync();
        await reader.ExecuteLongAsync("SELECT * FROM a", None);

        var retried = new TaskCompletionSource();
        _progress.OnReport = report =>
        {
            if (report is MigrationProgress.Retrying { Attempt: 3 })
            {
                retried.TrySetResult();
            }
        };
        var up = UpAsync(database);
        var slowestRead = TimeSpan.Zero;
        while (!retried.Task.IsCompleted)
        {
            var began = TimeProvider.System.GetTimestamp();
            await database.ScalarAsync<long>("SELECT count(*) FROM a");
            slowestRead = TimeSpan.FromTicks(Math.Max(slowestRead.Ticks, TimeProvider.System.GetElapsedTime(began).Ticks));
        }

        up.IsCompleted.ShouldBeFalse();
        await longRead.CommitAsync();
        Ids(await up).ShouldBe(["001_a"]);
        slowestRead.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    }

    [PostgresFact]
    public async Task A_lock_that_is_never_free_fails_the_migration_and_leaves_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint)");
        _files.With("001_a", "-- lock-timeout: 20ms\nCREATE TABLE b (); ALTER TABLE a ADD COLUMN b text", "ALTER TABLE a DROP COLUMN b");
        await using var reader = await database.DataSource.OpenConnectionAsync();
        await using var longRead = await reader.BeginTransactionAsync();
        await reader.ExecuteLongAsync("SELECT * FROM a", None);

        var report = await new MigrationRunner(database.DataSource, _files.Options with { LockAttempts = 3 }, progress: _progress).UpAsync(new UpRequest(), None);

        report.Failure.ShouldBeOfType<MigrationFailed>().Message.ShouldContain("Somebody held the lock through all tries");
        _progress.Count<MigrationProgress.Retrying>().ShouldBe(2);
        (await database.ScalarAsync<bool>("SELECT to_regclass('b') IS NULL")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_statement_that_no_transaction_holds_is_named_with_the_way_out()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint)");
        _files.With("001_a", "CREATE INDEX CONCURRENTLY a_id ON a (id)", "DROP INDEX a_id");

        var report = await Runner(database).UpAsync(new UpRequest(), None);

        report.Failure!.Message.ShouldContain("put '-- transaction: none' at the top of the file");
    }

    [PostgresFact]
    public async Task Statements_run_under_the_limits_that_the_file_sets()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With(
            "001_a",
            "-- lock-timeout: 750ms\n-- statement-timeout: 10s\nCREATE TABLE a AS SELECT current_setting('lock_timeout') l, current_setting('statement_timeout') s",
            "DROP TABLE a");

        await UpAsync(database);

        (await database.ScalarAsync<string>("SELECT l || ' ' || s FROM a")).ShouldBe("750ms 10s");
    }

    [PostgresFact]
    public async Task A_run_that_is_called_off_says_what_it_did()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a").With("002_b", "CREATE TABLE b (id bigint); SELECT pg_sleep(600)", "DROP TABLE b");
        using var stop = new CancellationTokenSource();

        var up = Runner(database).UpAsync(new UpRequest(), stop.Token);
        await Deadline.UntilAsync(
            () => database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)' AND state = 'active' AND pid <> pg_backend_pid()"),
            sleeping => sleeping == 1, "come to the second migration");
        await stop.CancelAsync();
        var report = await up;

        Ids(report).ShouldBe(["001_a"]);
        report.Planned.Select(migration => migration.Id).ShouldBe(["001_a", "002_b"]);
        report.Succeeded.ShouldBeFalse();
        Should.Throw<OperationCanceledException>(report.ThrowIfFailed);
        (await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NOT NULL AND to_regclass('b') IS NULL")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_way_back_that_was_edited_is_told_and_runs_as_it_is_now()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE missing").With("002_b", "CREATE TABLE b (id bigint)", "DROP TABLE b");
        await UpAsync(database);
        (await Runner(database).StatusAsync(None)).Service.ShouldAllBe(line => !line.HasOtherWayBack);
        _files.With("001_a.down.sql", "DROP TABLE a").With("002_b.down.sql", "DROP TABLE b\r\n".TrimEnd());

        (await Runner(database).StatusAsync(None)).Service.Select(line => (line.State, line.HasOtherWayBack))
            .ShouldBe([(MigrationState.Applied, true), (MigrationState.Applied, false)]);
        (await Runner(database).DownAsync(new DownRequest { To = 0 }, None)).ThrowIfFailed();

        _progress.Reports.OfType<MigrationProgress.WayBackChanged>().ShouldHaveSingleItem().Migration.Id.ShouldBe("001_a");
    }

    [PostgresFact]
    public async Task A_tracking_table_of_an_earlier_release_gets_what_it_lacks()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.With("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a");
        await UpAsync(database);
        await database.ExecuteAsync("ALTER TABLE schema_migrations DROP COLUMN remark, DROP COLUMN checksum_down");
        _files.With("002_b", "CREATE TABLE b (id bigint)", "DROP TABLE b");

        Ids(await UpAsync(database)).ShouldBe(["002_b"]);

        (await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations WHERE checksum_down IS NOT NULL")).ShouldBe(1);
    }
}
