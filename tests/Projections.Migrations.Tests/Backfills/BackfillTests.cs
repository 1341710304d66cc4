using Projections.Migrations.Backfills;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Postgres;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Backfills;

public sealed class BackfillTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();
    private readonly RecordedProgress _progress = new();

    public void Dispose() => _files.Dispose();

    private MigrationRunner Runner(TestDatabase database, BackfillOptions? options = null) => new(
        database.DataSource, _files.Options with { Backfills = options ?? new BackfillOptions { Pause = TimeSpan.Zero, BusyPause = TimeSpan.FromMilliseconds(20) } }, progress: _progress);

    private void Fill(string matter = "-- batch: 100\n") =>
        _files.With("001_fill.backfill.sql", $"-- table: a\n-- key: id\n{matter}UPDATE a SET n = n + 1 WHERE id BETWEEN :first AND :last");

    [PostgresTheory]
    [InlineData("bigint", "i")]
    [InlineData("uuid", "md5(i::text)::uuid")]
    [InlineData("text", "'it''s ' || i")]
    [InlineData("timestamptz", "timestamptz '2026-01-01' + i * interval '1 microsecond'")]
    public async Task Every_row_is_done_once_whatever_the_type_of_the_key(string type, string value)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"CREATE TABLE a (id {type} PRIMARY KEY, n int); INSERT INTO a SELECT {value}, 0 FROM generate_series(1, 1234) i");
        Fill();

        (await Runner(database).UpAsync(new UpRequest(), None)).ThrowIfFailed();

        (await database.ScalarAsync<string>("SELECT count(*) || ' ' || min(n) || ' ' || max(n) FROM a")).ShouldBe("1234 1 1");
        _progress.Reports.OfType<MigrationProgress.BatchDone>().Last().RowsDone.ShouldBe(1234);
    }

    [PostgresFact]
    public async Task An_empty_table_is_done_at_once_and_going_down_runs_the_backfill_of_the_way_back()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint PRIMARY KEY, n int)");
        Fill();
        _files.With("001_fill.backfill.down.sql", "-- table: a\n-- key: id\nUPDATE a SET n = n - 10 WHERE id BETWEEN :first AND :last");

        (await Runner(database).UpAsync(new UpRequest(), None)).ThrowIfFailed();
        await database.ExecuteAsync("INSERT INTO a VALUES (1, 0), (2, 0)");
        (await Runner(database).DownAsync(new DownRequest(), None)).ThrowIfFailed();

        (await database.ScalarAsync<long>("SELECT sum(n) FROM a")).ShouldBe(-20);
        (await database.ScalarAsync<long>("SELECT count(*) FROM schema_migrations")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_failed_batch_is_rolled_back_and_the_next_run_goes_on_behind_the_last_good_one()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint PRIMARY KEY, n int, CHECK (id <> 250 OR n = 0)); INSERT INTO a SELECT i, 0 FROM generate_series(1, 300) i");
        Fill("-- batch: 100\n-- target: 10s\n");
        var options = new BackfillOptions { Pause = TimeSpan.Zero, LargestBatch = 100 };

        var failed = await Runner(database, options).UpAsync(new UpRequest(), None);
        failed.Failure.ShouldBeOfType<MigrationFailed>().Message.ShouldContain("200 rows are done and stay done");
        await database.ExecuteAsync("ALTER TABLE a DROP CONSTRAINT a_check");
        (await Runner(database, options).UpAsync(new UpRequest(), None)).ThrowIfFailed();

        (await database.ScalarAsync<string>("SELECT min(n) || ' ' || max(n) FROM a")).ShouldBe("1 1");
        _progress.Count<MigrationProgress.Resumed>().ShouldBe(1);
    }

    [PostgresFact]
    public async Task It_can_be_stopped_at_any_batch()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint PRIMARY KEY, n int); INSERT INTO a SELECT i, 0 FROM generate_series(1, 1000) i");
        Fill();
        using var stop = new CancellationTokenSource();
        _progress.OnReport = report =>
        {
            if (report is MigrationProgress.BatchDone { RowsDone: >= 100 })
            {
                stop.Cancel();
            }
        };

        (await Runner(database).UpAsync(new UpRequest(), stop.Token)).Failure.ShouldBeAssignableTo<OperationCanceledException>();
        var done = await database.ScalarAsync<long>("SELECT sum(n) FROM a");
        done.ShouldBe(await database.ScalarAsync<long>("SELECT rows_done FROM schema_migrations"));
        done.ShouldBeInRange(100, 999);
        _progress.OnReport = null;
        (await Runner(database).UpAsync(new UpRequest(), None)).ThrowIfFailed();

        (await database.ScalarAsync<string>("SELECT min(n) || ' ' || max(n) FROM a")).ShouldBe("1 1");
    }

    [PostgresFact]
    public async Task It_lets_those_go_first_who_wait_for_a_lock_on_the_table()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE a (id bigint PRIMARY KEY, n int); INSERT INTO a SELECT i, 0 FROM generate_series(1, 300) i");
        Fill();
        await using var reader = await database.DataSource.OpenConnectionAsync();
        await using var reading = await reader.BeginTransactionAsync();
        await reader.ExecuteLongAsync("SELECT * FROM a", None);
        await using var waiter = await database.DataSource.OpenConnectionAsync();
        var waiting = waiter.ExecuteLongAsync("ALTER TABLE a ADD COLUMN b int", None);
        while (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))
        {
            await Task.Delay(5);
        }

        var yielded = new TaskCompletionSource<string>();
        _progress.OnReport = report =>
        {
            if (report is MigrationProgress.Yielding yielding)
            {
                yielded.TrySetResult(yielding.Reason);
            }
        };
        var up = Runner(database).UpAsync(new UpRequest(), None);

        (await yielded.Task.WaitAsync(Deadline.Generous)).ShouldContain("waits for a lock on a");
        await reading.CommitAsync();
        await waiting;
        (await up).ThrowIfFailed();
        (await database.ScalarAsync<long>("SELECT sum(n) FROM a")).ShouldBe(300);
    }

    [Fact]
    public void The_size_of_a_batch_follows_the_time_it_takes()
    {
        var size = new BatchSize(new FrontMatter { BatchSize = 100, TargetTime = TimeSpan.FromSeconds(1) }, new BackfillOptions { LargestBatch = 1000 });

        size.Adapt(TimeSpan.FromMilliseconds(800));
        size.Rows.ShouldBe(125);
        size.Adapt(TimeSpan.FromMilliseconds(1));
        size.Rows.ShouldBe(250);
        size.Adapt(TimeSpan.FromSeconds(100));
        size.Rows.ShouldBe(125);
        for (var i = 0; i < 10; i++)
        {
            size.Adapt(TimeSpan.FromMilliseconds(1));
        }

        size.Rows.ShouldBe(1000);
        for (var i = 0; i < 20; i++)
        {
            size.Halve();
        }

        size.Rows.ShouldBe(10);
    }
}
