using Projections.Migrations.Copies;
using Projections.Migrations.Files;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Migrations.Tracking;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.Migrations.Tests.Safety;

public sealed class SafetyCheckTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new();

    public void Dispose() => _files.Dispose();

    private async Task<SafetyReport> CheckAsync(string setup, bool against = false)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await _files.MakeAsync(database, setup);
        return await new SafetyCheck(_files.Options, new CopyOptions())
            .RunAsync(new SafetyRequest { Database = database.ConnectionString, Against = against ? database.ConnectionString : null }, None);
    }

    private static string[] Rules(SafetyReport report) => [.. report.Findings.Select(finding => finding.RuleId)];

    [PostgresFact]
    public async Task Safe_migrations_pass_both_ways()
    {
        _files.With("001_a", "ALTER TABLE orders ADD COLUMN a int", "ALTER TABLE orders DROP COLUMN a")
            .With("002_b", "-- transaction: none\nCREATE INDEX CONCURRENTLY i ON orders (a)", "-- transaction: none\nDROP INDEX CONCURRENTLY i")
            .With("003_c.backfill.sql", "-- table: orders\n-- key: id\nUPDATE orders SET a = 1 WHERE id BETWEEN :first AND :last");

        var report = await CheckAsync("CREATE TABLE orders (id bigint PRIMARY KEY)");

        report.IsSafe.ShouldBeTrue();
        report.Judged.ShouldBe(["001_a", "002_b", "003_c"]);
        Rules(report).ShouldBe(["down-loses-data"]);
    }

    [PostgresFact]
    public async Task Materialized_views_of_the_copy_are_populated_as_those_of_production_are()
    {
        _files.With("001_a", "REFRESH MATERIALIZED VIEW CONCURRENTLY totals", "SELECT 1");

        var report = await CheckAsync("CREATE TABLE orders (id bigint PRIMARY KEY); CREATE MATERIALIZED VIEW totals AS SELECT id FROM orders; CREATE UNIQUE INDEX u ON totals (id); CREATE MATERIALIZED VIEW above AS SELECT count(*) FROM totals");

        report.IsSafe.ShouldBeTrue(string.Join("\n", report.Findings.Select(finding => finding.What)));
    }

    [PostgresFact]
    public async Task The_way_back_blocks_as_well()
    {
        _files.With("001_a", "-- transaction: none\nCREATE INDEX CONCURRENTLY i ON orders (id)", "DROP INDEX i");

        var report = await CheckAsync("CREATE TABLE orders (id bigint PRIMARY KEY)");

        report.IsSafe.ShouldBeFalse();
        var finding = report.Findings.Single(finding => finding.IsUnsafe);
        finding.RuleId.ShouldBe("index-drop-not-concurrent");
        finding.Direction.ShouldBe(Direction.Down);
        finding.Path.ShouldEndWith("001_a.down.sql");
    }

    [PostgresFact]
    public async Task A_reason_in_the_file_silences_its_rule_and_no_other()
    {
        _files.With("001_a", "-- safety: allow column-dropped \"no reader since May\"\n-- safety: allow wide-index \"?\"\nALTER TABLE orders DROP COLUMN a", "ALTER TABLE orders ADD COLUMN a int");

        var report = await CheckAsync("CREATE TABLE orders (id bigint PRIMARY KEY, a int)");

        report.IsSafe.ShouldBeTrue();
        report.Findings.Single(finding => finding.RuleId == "column-dropped").Allowed.ShouldBe("no reader since May");
        report.Findings.Single(finding => finding.RuleId == "allowance-without-finding").Line.ShouldBe(2);
    }

    [PostgresFact]
    public async Task Real_sizes_say_how_long_it_takes()
    {
        _files.With("001_a", "ALTER TABLE orders ALTER a TYPE numeric", "ALTER TABLE orders ALTER a TYPE int");

        var report = await CheckAsync("CREATE TABLE orders (id bigint PRIMARY KEY, a int); INSERT INTO orders SELECT i, i FROM generate_series(1, 20000) i; ANALYZE orders", against: true);

        report.Findings.First(finding => finding.RuleId == "type-change-rewrites").Duration.ShouldContain("20,000 rows");
    }

    [PostgresFact]
    public async Task A_migration_that_fails_leaves_the_rest_unjudged()
    {
        _files.With("001_a", "ALTER TABLE missing ADD COLUMN a int", "SELECT 1").With("002_b", "SELECT 1", "SELECT 1");

        var report = await CheckAsync("SELECT 1");

        report.IsSafe.ShouldBeFalse();
        report.NotJudged.ShouldBe(["002_b"]);
        Rules(report).ShouldBe(["statement-fails"]);
    }

    [PostgresTheory]
    [InlineData("")]
    [InlineData("-- transaction: none\n")]
    public async Task Thousands_of_inserts_that_lack_rows_are_one_notice_and_an_error_among_them_is_found(string setting)
    {
        const string setup = "CREATE TABLE owners (id bigint PRIMARY KEY); CREATE TABLE orders (id bigint PRIMARY KEY, owner bigint REFERENCES owners)";
        var inserts = Enumerable.Range(1, 2_500).Select(i => $"INSERT INTO orders VALUES ({1_000_000 + i}, {(i % 10 == 0 ? "NULL" : "7000000")});").ToArray();
        _files.With("001_a", setting + string.Join('\n', inserts), "SELECT 1");
        var firstLine = setting.Length == 0 ? 1 : 2;

        var notice = (await CheckAsync(setup)).Findings.Where(finding => finding.RuleId == "depends-on-rows").ShouldHaveSingleItem();

        notice.Line.ShouldBe(firstLine);
        notice.What.ShouldContain($"So it is with 2250 statements, down to line {firstLine + 2_498}.");

        inserts[1_700] = "INSERT INTO nowhere VALUES (1);";
        _files.With("001_a", setting + string.Join('\n', inserts), "SELECT 1");
        var failed = (await CheckAsync(setup)).Findings.Where(finding => finding.RuleId == "statement-fails").ShouldHaveSingleItem();
        failed.Line.ShouldBe(firstLine + 1_700);
    }

    [PostgresFact]
    public async Task A_backfill_needs_an_index_on_its_key()
    {
        _files.With("001_a.backfill.sql", "-- table: orders\n-- key: n\nUPDATE orders SET a = 1 WHERE n BETWEEN :first AND :last");

        var report = await CheckAsync("CREATE TABLE orders (id bigint PRIMARY KEY, n bigint, a int)");

        report.Findings.ShouldHaveSingleItem().RuleId.ShouldBe("backfill-key-without-index");
    }

    [PostgresFact]
    public async Task Timestamps_are_judged_in_the_time_zone_of_the_database()
    {
        _files.With("001_a", "ALTER TABLE orders ALTER at TYPE timestamptz", "ALTER TABLE orders ALTER at TYPE timestamp");
        const string setup = "CREATE TABLE orders (id bigint PRIMARY KEY, at timestamp)";
        const string zone = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = %L', current_database(), 'Europe/Rome'); END $$;";

        Rules(await CheckAsync($"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = %L', current_database(), 'UTC'); END $$; {setup}")).ShouldNotContain("type-change-rewrites");
        Rules(await CheckAsync($"{zone} {setup}")).ShouldContain("type-change-rewrites");
    }

    [PostgresFact]
    public async Task Unsafe_migrations_do_not_go_up_unless_somebody_says_why()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await _files.MakeAsync(database, "CREATE TABLE orders (id bigint PRIMARY KEY, a int)");
        _files.With("001_z", "CREATE TABLE z (id bigint)", "DROP TABLE z").With("002_a", "ALTER TABLE orders DROP COLUMN a", "ALTER TABLE orders ADD COLUMN a int");
        var runner = new MigrationRunner(database.DataSource, _files.Options);
        var guarded = new GuardedUp(runner, _files.Options, new MigrationGuard(), database.ConnectionString);

        var refused = await Should.ThrowAsync<MigrationsUnsafe>(() => guarded.RunAsync(new UpRequest(), None));
        refused.Message.ShouldContain("column-dropped");
        (await runner.StatusAsync(None)).Service[1].State.ShouldBe(MigrationState.Pending);

        (await guarded.RunAsync(new UpRequest { To = 1 }, None)).Done.ShouldHaveSingleItem().Migration.Id.ShouldBe("001_z");
        (await guarded.RunAsync(new UpRequest { SafetySkipped = "nobody reads it" }, None)).Succeeded.ShouldBeTrue();
        (await runner.StatusAsync(None)).Service[^1].Tracked!.SafetySkipped.ShouldBe("nobody reads it");
        (await guarded.RunAsync(new UpRequest(), None)).Done.ShouldBeEmpty();
    }
}
