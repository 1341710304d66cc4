using Projections.Migrations.Adoption;
using Projections.Migrations.Copies;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Migrations.Tracking;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests.Adoption;

public sealed class BaselineTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const string Orders = "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT 'new')";
    private const string Note = "ALTER TABLE orders ADD COLUMN note text; CREATE INDEX orders_state ON orders (state)";

    private static readonly CancellationToken None = CancellationToken.None;
    private readonly MigrationFiles _files = new MigrationFiles()
        .With("001_orders", Orders, "DROP TABLE orders")
        .With("002_note", Note, "DROP INDEX orders_state; ALTER TABLE orders DROP COLUMN note")
        .With("003_total", "ALTER TABLE orders ADD COLUMN total numeric", "ALTER TABLE orders DROP COLUMN total");

    public void Dispose() => _files.Dispose();

    private Task<BaselineReport> BaselineAsync(TestDatabase database, BaselineRequest request, string tracking = "schema_migrations") =>
        new Baseline(_files.Options with { TrackingTable = tracking }, new CopyOptions()).RunAsync(database.ConnectionString, request, None);

    private Task<MigrationReport> UpAsync(TestDatabase database, string tracking = "schema_migrations") =>
        new MigrationRunner(database.DataSource, _files.Options with { TrackingTable = tracking }).UpAsync(new UpRequest(), None);

    [PostgresFact]
    public async Task What_a_database_has_is_marked_as_applied_when_the_migrations_make_just_that()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"{Orders}; {Note}; INSERT INTO orders VALUES (1); CREATE SCHEMA others; CREATE TABLE others.t (id int)");
        await new SignOff(_files.Options).WriteAsync(database.ConnectionString, new SafetyReport([], [], [], []), None);

        var report = await BaselineAsync(database, new BaselineRequest { To = 2 });

        report.Differences.ShouldBeEmpty();
        report.Marked.Select(migration => migration.Id).ShouldBe(["001_orders", "002_note"]);
        (await database.ScalarAsync<long>("SELECT count(*) FROM orders")).ShouldBe(1);
        var up = await UpAsync(database);
        up.ThrowIfFailed();
        up.Done.ShouldHaveSingleItem().Migration.Id.ShouldBe("003_total");
        (await BaselineAsync(database, new BaselineRequest { To = 3 })).Marked.ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task A_difference_is_shown_and_nothing_is_marked_but_with_a_reason()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"{Orders}; {Note}; DROP INDEX orders_state; ALTER TABLE orders ADD COLUMN forgotten date");

        var refused = await BaselineAsync(database, new BaselineRequest { To = 2 });

        refused.IsDone.ShouldBeFalse();
        refused.Differences.Select(difference => difference.ToString()).ShouldBe(
            [
                "- table public.orders: CREATE INDEX orders_state ON public.orders USING btree (state), options ",
                "+ table public.orders: column 4: forgotten date, storage p, compression , statistics , options , grants ",
            ],
            ignoreOrder: true);
        (await database.ScalarAsync<bool>("SELECT to_regclass('schema_migrations') IS NULL")).ShouldBeTrue();

        (await BaselineAsync(database, new BaselineRequest { To = 2, DespiteDifferences = "the index comes back on Monday" })).IsDone.ShouldBeTrue();
        (await database.ScalarAsync<string>("SELECT remark FROM schema_migrations WHERE version = 2")).ShouldContain("the index comes back on Monday");
    }

    [PostgresFact]
    public async Task Who_owns_the_tables_is_no_difference_and_what_others_may_do_is_one()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var (owner, reader) = ($"owner_{Guid.NewGuid():n}", $"reader_{Guid.NewGuid():n}");
        await database.ExecuteAsync($"CREATE ROLE {owner}; CREATE ROLE {reader}; {Orders}; {Note}; ALTER TABLE orders OWNER TO {owner}; GRANT SELECT ON orders TO {reader}");
        try
        {
            (await BaselineAsync(database, new BaselineRequest { To = 2 })).Differences.Single(difference => !difference.IsMissing)
                .Line.Detail.ShouldStartWith($"grants {reader}=r, persistence");
            await database.ExecuteAsync($"REVOKE SELECT ON orders FROM {reader}");
            (await BaselineAsync(database, new BaselineRequest { To = 2 })).IsDone.ShouldBeTrue();
        }
        finally
        {
            await database.ExecuteAsync($"DROP OWNED BY {reader}, {owner}; DROP ROLE {reader}; DROP ROLE {owner}");
        }
    }

    [PostgresTheory]
    [InlineData("Flyway", "flyway_schema_history", "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), description varchar(200), type varchar(20), script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp DEFAULT now(), execution_time int, success bool); INSERT INTO flyway_schema_history VALUES (1, '1', 'orders', 'SQL', 'V1__orders.sql', 1, 'x', '2026-01-02', 5, true), (2, '2', 'note', 'SQL', 'V2__note.sql', 2, 'x', '2026-01-03', 5, true)")]
    [InlineData("goose", "goose_db_version", "CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied bool NOT NULL, tstamp timestamp DEFAULT now()); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (3, true), (3, false)")]
    [InlineData("golang-migrate", "schema_migrations", "CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (2, false)")]
    [InlineData("Rails or dbmate", "schema_migrations", "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('001'), ('2'); CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar)")]
    [InlineData("another migration runner", "schema_migrations", "CREATE TABLE schema_migrations (version text PRIMARY KEY, applied_at timestamptz, checksum text, execution_time_ms bigint); INSERT INTO schema_migrations VALUES ('1', '2026-01-02', 'x', 1), ('2', '2026-01-03', 'x', 1)")]
    public async Task Another_tools_history_is_taken_over(string tool, string table, string made)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"{Orders}; {Note}; {made}");
        if (table == "schema_migrations")
        {
            var refusal = (await Should.ThrowAsync<MigrationRefused>(() => UpAsync(database))).Refusals.ShouldHaveSingleItem();
            refusal.Id.ShouldBe("foreign-tracking-table");
            refusal.Message.ShouldContain($"schema_migrations is the tracking table of {tool}");
            refusal.Message.ShouldContain("--tracking-table");
        }

        var report = await BaselineAsync(database, new BaselineRequest { FromTable = table }, "ours");

        report.Differences.ShouldBeEmpty();
        report.Marked.Select(migration => migration.Id).ShouldBe(["001_orders", "002_note"]);
        (await UpAsync(database, "ours")).Done.ShouldHaveSingleItem().Migration.Id.ShouldBe("003_total");
        if (tool is "Flyway" or "another migration runner")
        {
            (await database.ScalarAsync<bool>("SELECT applied_at < '2026-02-01' FROM ours WHERE version = 2")).ShouldBeTrue();
        }
    }

    [PostgresFact]
    public async Task A_history_that_stopped_half_way_or_has_no_files_is_refused()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"{Orders}; CREATE TABLE dirty (version bigint, dirty boolean); INSERT INTO dirty VALUES (1, true); CREATE TABLE unknown (version text); INSERT INTO unknown VALUES ('1'), ('77')");

        (await Should.ThrowAsync<MigrationRefused>(() => BaselineAsync(database, new BaselineRequest { FromTable = "dirty" }))).Message.ShouldContain("golang-migrate stopped half way in 1");
        (await Should.ThrowAsync<MigrationRefused>(() => BaselineAsync(database, new BaselineRequest { FromTable = "unknown" }))).Message.ShouldContain("has applied 77, of which there are no files");
        (await Should.ThrowAsync<MigrationRefused>(() => BaselineAsync(database, new BaselineRequest { FromTable = "orders" }))).Message.ShouldContain("is no tracking table that is known");
        (await Should.ThrowAsync<MigrationRefused>(() => BaselineAsync(database, new BaselineRequest { FromTable = "nowhere" }))).Message.ShouldContain("There is no table nowhere");
        (await Should.ThrowAsync<MigrationRefused>(() => BaselineAsync(database, new BaselineRequest { To = 9 }))).Message.ShouldContain("There is no migration 9");
    }

    [PostgresFact]
    public async Task A_changed_file_is_taken_for_what_was_applied_with_a_reason_that_is_kept()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        (await UpAsync(database)).ThrowIfFailed();
        await database.ExecuteAsync("ALTER TABLE schema_migrations DROP COLUMN remark");
        _files.With("002_note.up.sql", $"-- A comment.\n{Note}");
        await Should.ThrowAsync<MigrationRefused>(() => UpAsync(database));
        var repair = new ChecksumRepair(database.DataSource, _files.Options);

        (await Should.ThrowAsync<MigrationRefused>(() => repair.RunAsync(1, "no", None))).Refusals.ShouldHaveSingleItem().Id.ShouldBe("not-changed");
        (await repair.RunAsync(null, "only a comment", None)).ShouldHaveSingleItem().Id.ShouldBe("002_note");

        (await UpAsync(database)).Done.ShouldBeEmpty();
        var row = (await new MigrationRunner(database.DataSource, _files.Options).StatusAsync(None)).Service[1];
        row.State.ShouldBe(MigrationState.Applied);
        row.Tracked!.Remark.ShouldNotBeNull().ShouldContain("only a comment");
    }
}
