using Projections.Migrations.Adoption;
using Projections.Migrations.Copies;
using Projections.Migrations.Execution;
using Projections.Migrations.Files;
using Projections.Migrations.RoundTrip;
using Projections.Migrations.Running;
using Projections.Migrations.Safety;
using Projections.Migrations.Tracking;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.Migrations.Tests.Running;

/// <summary>Migrations without a number, which run again whenever their text has changed.</summary>
public sealed class RepeatableTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    // By their names alone, each would come before what it uses.
    private readonly MigrationFiles _files = new MigrationFiles()
        .With("R__a_report.sql", "CREATE OR REPLACE VIEW report AS SELECT state, with_tax(total) AS total FROM paid")
        .With("R__b_paid.sql", "CREATE OR REPLACE VIEW paid AS SELECT id, state, total FROM orders WHERE state = 'paid'")
        .With("R__c_tax.sql", "CREATE OR REPLACE FUNCTION with_tax(numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT $1 * rate() / 100'")
        .With("R__d_rate.sql", "CREATE OR REPLACE FUNCTION rate() RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT 119'")
        .With("001_orders", "CREATE TABLE orders (id bigint PRIMARY KEY, state text, total numeric)", "DROP TABLE orders");

    public void Dispose() => _files.Dispose();

    private async Task<string[]> UpAsync(TestDatabase database, long? to = null)
    {
        var report = await new MigrationRunner(database.DataSource, _files.Options).UpAsync(new UpRequest { To = to }, None);
        report.ThrowIfFailed();
        return [.. report.Done.Select(outcome => outcome.Migration.Id)];
    }

    private async Task<string[]> StatesAsync(TestDatabase database) =>
        [.. (await new MigrationRunner(database.DataSource, _files.Options).StatusAsync(None)).Service.Select(line => $"{line.Id} {line.State}")];

    [PostgresFact]
    public async Task They_run_after_all_others_each_after_what_it_uses()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        (await UpAsync(database)).ShouldBe(["001_orders", "R__b_paid", "R__d_rate", "R__c_tax", "R__a_report"]);
        (await UpAsync(database)).ShouldBeEmpty();
        (await database.ScalarAsync<decimal>("SELECT with_tax(100)")).ShouldBe(119);
    }

    [PostgresFact]
    public async Task A_changed_one_runs_again_with_all_that_use_it_and_the_others_do_not()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await UpAsync(database);
        _files.With("R__b_paid.sql", "DROP VIEW IF EXISTS paid CASCADE; CREATE VIEW paid AS SELECT total, state FROM orders WHERE state <> 'new'")
            .With("002_note", "ALTER TABLE orders ADD COLUMN note text", "ALTER TABLE orders DROP COLUMN note");

        (await StatesAsync(database)).ShouldBe(["001_orders Applied", "002_note Pending", "R__b_paid Pending", "R__d_rate Applied", "R__c_tax Applied", "R__a_report Pending"]);
        (await UpAsync(database, to: 2)).ShouldBe(["002_note"]);
        (await UpAsync(database)).ShouldBe(["R__b_paid", "R__a_report"]);

        (await database.ScalarAsync<string>("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'paid'::regclass AND attnum > 0")).ShouldBe("total state");
        (await database.ScalarAsync<bool>("SELECT to_regclass('report') IS NOT NULL")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task What_a_failed_run_left_undone_runs_the_next_time()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await UpAsync(database);
        var tax = File.ReadAllText(_files.PathOf("R__c_tax.sql"));
        _files.With("R__b_paid.sql", "DROP VIEW paid CASCADE; CREATE VIEW paid AS SELECT state, total FROM orders").With("R__c_tax.sql", $"{tax}; SELECT 1 / 0");

        (await Should.ThrowAsync<MigrationFailed>(() => UpAsync(database))).Message.ShouldContain("R__c_tax failed");
        _files.With("R__c_tax.sql", tax);

        (await UpAsync(database)).ShouldBe(["R__a_report"]);
    }

    [PostgresFact]
    public async Task One_whose_file_is_gone_stops_nothing_and_the_way_back_takes_numbers_only()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        _files.Remove("R__a_report");
        _files.Remove("R__b_paid");
        await UpAsync(database);
        _files.Remove("R__c_tax");

        (await StatesAsync(database)).ShouldBe(["001_orders Applied", "R__d_rate Applied"]);
        var down = await new MigrationRunner(database.DataSource, _files.Options).DownAsync(new DownRequest { To = 0 }, None);

        down.ThrowIfFailed();
        down.Done.ShouldHaveSingleItem().Migration.Id.ShouldBe("001_orders");
    }

    [PostgresFact(PgDump = true)]
    public async Task They_are_judged_and_tried_twice()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await UpAsync(database);
        _files.With("R__b_paid.sql", "DROP VIEW paid CASCADE; CREATE VIEW paid AS SELECT state, total FROM orders")
            .With("R__d_rate.sql", "CREATE FUNCTION other_rate() RETURNS numeric LANGUAGE sql AS 'SELECT 119'");

        var check = await new SafetyCheck(_files.Options, new CopyOptions()).RunAsync(new SafetyRequest { Database = database.ConnectionString }, None);
        var verify = await new RoundTripCheck(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, null, None);

        check.Findings.ShouldContain(finding => finding.RuleId == "drop-cascade" && finding.Path.EndsWith("R__b_paid.sql", StringComparison.Ordinal));
        check.Judged.ShouldBe(["R__b_paid", "R__a_report", "R__d_rate"]);
        verify.Results.Select(result => result.Succeeded).ShouldBe([true, true, false]);
        verify.Results[2].Failure!.Message.ShouldContain("already exists");
    }

    [PostgresFact]
    public async Task A_database_that_has_what_they_make_is_taken_over_with_them()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await UpAsync(database);
        await database.ExecuteAsync("DROP TABLE schema_migrations");

        var report = await new Baseline(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, new BaselineRequest { To = 1 }, None);

        report.Differences.ShouldBeEmpty();
        report.Marked.Count.ShouldBe(5);
        (await UpAsync(database)).ShouldBeEmpty();
        await database.ExecuteAsync("DELETE FROM schema_migrations; DROP VIEW report");
        (await new Baseline(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, new BaselineRequest { To = 1 }, None))
            .Differences.ShouldContain(difference => difference.IsMissing && difference.Line.Object == "view public.report");
    }

    [PostgresFact]
    public async Task A_history_of_Flyway_with_dotted_versions_is_taken_over()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await UpAsync(database);
        await database.ExecuteAsync(
            """
            DROP TABLE schema_migrations;
            CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version varchar(50), type varchar(20), script varchar(1000), installed_on timestamp DEFAULT now(), success bool);
            INSERT INTO flyway_schema_history VALUES (1, '1.2', 'SQL', 'V1.2__orders.sql', now(), true), (2, NULL, 'SQL', 'R__b_paid.sql', now(), true);
            """);
        File.Move(_files.PathOf("001_orders.up.sql"), _files.PathOf("001002000000_orders.up.sql"));
        File.Move(_files.PathOf("001_orders.down.sql"), _files.PathOf("001002000000_orders.down.sql"));

        var report = await new Baseline(_files.Options, new CopyOptions()).RunAsync(database.ConnectionString, new BaselineRequest { FromTable = "flyway_schema_history" }, None);

        report.Differences.ShouldBeEmpty();
        report.Marked[0].Id.ShouldBe("001002000000_orders");
        report.Marked.Count.ShouldBe(5);
    }

    [PostgresFact]
    public async Task In_tenants_each_has_its_own()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b");
        using var files = new MigrationFiles()
            .With("001_notes", "-- tenants: each\nCREATE TABLE notes (id bigint)", "-- tenants: each\nDROP TABLE notes")
            .With("R__notes.sql", "-- tenants: each\nCREATE OR REPLACE VIEW all_notes AS SELECT id FROM notes");
        var runner = new MigrationRunner(database.DataSource, files.Options);

        (await runner.UpAsync(new UpRequest(), None)).ThrowIfFailed();
        files.With("R__notes.sql", "-- tenants: each\nCREATE OR REPLACE VIEW all_notes AS SELECT id, 1 AS more FROM notes");
        var again = await runner.UpAsync(new UpRequest(), None);

        again.ThrowIfFailed();
        again.Done.Select(outcome => $"{outcome.Migration.Id} {outcome.Tenant}").Order().ShouldBe(["R__notes tenant_a", "R__notes tenant_b"]);
        (await runner.StatusAsync(None)).IsCurrent.ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_cannot_be_a_transaction_is_refused()
    {
        _files.With("R__e.sql", "-- transaction: none\nVACUUM");

        (await Should.ThrowAsync<MigrationFilesInvalid>(() => MigrationFolder.ReadAsync(_files.Folder, None))).Message.ShouldContain("A repeatable migration is one transaction");
    }
}
