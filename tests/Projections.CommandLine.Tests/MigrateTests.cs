using Npgsql;
using Projections.CommandLine.Commands;
using Projections.CommandLine.Commands.Migrate;
using Projections.Migrations.Files;
using Projections.Migrations.Safety;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.CommandLine;

public sealed class MigrateTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("migrate_").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    private BuiltProgram Program(TestDatabase? database, string environment = "Development") =>
        new BuiltProgram(database?.ConnectionString) { WorkingFolder = _work }.With("DOTNET_ENVIRONMENT", environment);

    private void Write(string id, string up, string down)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_work, "migrations", "shop")).FullName;
        File.WriteAllText(Path.Combine(folder, $"{id}.up.sql"), up);
        File.WriteAllText(Path.Combine(folder, $"{id}.down.sql"), down);
    }

    [PostgresFact]
    public async Task Migrations_go_up_and_down_and_the_status_says_where_they_are()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        Write("001_orders", "CREATE TABLE orders (id bigint PRIMARY KEY)", "DROP TABLE orders");
        Write("002_note", "ALTER TABLE orders ADD COLUMN note text", "ALTER TABLE orders DROP COLUMN note");
        var program = Program(database);

        (await program.RunAsync("migrate", "up", "--to", "1")).ShouldExitWith(0).Output.ShouldContain("applied 001_orders");
        var status = (await program.RunAsync("migrate", "status", "--json")).ShouldExitWith(0).Json;
        status.GetProperty("migrations").EnumerateArray().Select(line => line.GetProperty("state").GetString()).ShouldBe(["applied", "pending"]);
        (await program.RunAsync("migrate", "up", "--dry-run")).ShouldExitWith(0).Output.ShouldContain("Would run: 002_note.");
        (await program.RunAsync("migrate", "up", "--json")).ShouldExitWith(0).Json.GetProperty("succeeded").GetBoolean().ShouldBeTrue();
        (await program.RunAsync("migrate", "status")).ShouldExitWith(0).Output.ShouldContain("Everything is applied.");
        (await program.RunAsync("migrate", "down", "--steps", "2")).ShouldExitWith(0).Output.ShouldContain("took back 001_orders");
        (await database.ScalarAsync<bool>("SELECT to_regclass('orders') IS NULL")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task What_is_unsafe_is_refused_in_production_unless_somebody_says_why()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        Write("001_orders", "CREATE TABLE orders (id bigint PRIMARY KEY, note text)", "DROP TABLE orders");
        (await Program(database).RunAsync("migrate", "up")).ShouldExitWith(0);
        Write("002_index", "CREATE INDEX orders_note ON orders (note)", "DROP INDEX orders_note");
        var program = Program(database, "Production");

        var check = (await program.RunAsync("migrate", "check", "--against", database.ConnectionString)).ShouldExitWith(3);
        check.Output.ShouldContain("unsafe index-not-concurrent");
        check.Output.ShouldContain("CREATE INDEX CONCURRENTLY orders_note");
        (await program.RunAsync("migrate", "check", "--annotations")).Output.ShouldContain("::error file=migrations/shop/002_index.up.sql,line=1,title=index-not-concurrent::");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(3).Errors.ShouldContain("index-not-concurrent");
        (await program.RunAsync("migrate", "up", "--skip-safety", "nobody there yet")).ShouldExitWith(0);
        (await database.ScalarAsync<string>("SELECT safety_skipped FROM schema_migrations WHERE version = 2")).ShouldBe("nobody there yet");
    }

    [PostgresFact(PgDump = true)]
    public async Task A_rehearsal_prints_the_SQL_and_the_verdict_and_runs_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY, note text)");
        Write("001_index", "CREATE INDEX orders_note ON orders (note)", "DROP INDEX orders_note");

        var rehearsal = (await Program(database).RunAsync("migrate", "up", "--dry-run")).ShouldExitWith(0);
        rehearsal.Output.ShouldContain("Would run: 001_index.");
        rehearsal.Output.ShouldContain("-- migrations/shop/001_index.up.sql\nCREATE INDEX orders_note ON orders (note)");
        rehearsal.Output.ShouldContain("unsafe index-not-concurrent");
        var json = (await Program(database, "Production").RunAsync("migrate", "up", "--dry-run", "--json")).ShouldExitWith(3).Json;
        json.GetProperty("planned")[0].GetProperty("sql").GetString().ShouldBe("CREATE INDEX orders_note ON orders (note)");
        json.GetProperty("safety").GetProperty("findings")[0].GetProperty("ruleId").GetString().ShouldBe("index-not-concurrent");
        (await database.ScalarAsync<bool>("SELECT to_regclass('orders_note') IS NULL AND to_regclass('schema_migrations') IS NULL")).ShouldBeTrue();
    }

    [PostgresFact(PgDump = true)]
    public async Task Scripts_are_told_why_a_run_was_refused_or_failed_as_the_check_tells_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY, note text)");
        var program = Program(database, "Production");

        Write("001_a", "ALTER TABLE orders DROP COLUMN note", "ALTER TABLE orders ADD COLUMN note text");
        var refused = (await program.RunAsync("migrate", "up", "--json")).ShouldExitWith(3).Json.GetProperty("error");
        refused.GetProperty("safety").GetProperty("findings")[0].GetProperty("ruleId").GetString().ShouldBe("column-dropped");
        Write("001_a", "SELECT 1;\nSELECT nothing()", "SELECT 1");
        var failed = (await program.RunAsync("migrate", "up", "--json", "--skip-safety", "a test")).ShouldExitWith(4).Json.GetProperty("failedAt");
        failed.GetProperty("line").GetInt32().ShouldBe(2);
        failed.GetProperty("sqlState").GetString().ShouldBe("42883");
        Write("001_a", "SELECT 1", "SELECT 1");
        (await program.RunAsync("migrate", "validate")).ShouldExitWith(0).Output.ShouldContain("1 of them is pending");
        (await program.RunAsync("migrate", "status", "--exit-code")).ShouldExitWith(3);
        (await program.RunAsync("migrate", "up")).ShouldExitWith(0);
        (await program.RunAsync("migrate", "status", "--exit-code")).ShouldExitWith(0);
        Write("001_a", "SELECT 2", "SELECT 1");
        (await program.RunAsync("migrate", "validate", "--json")).ShouldExitWith(3).Json.GetProperty("error").GetProperty("refusals")[0].GetProperty("id").GetString().ShouldBe("changed");
        Write("001_a", "\\d", "SELECT 1");
        (await program.RunAsync("migrate", "validate", "--json")).ShouldExitWith(2).Json.GetProperty("error").GetProperty("problems")[0].GetProperty("line").GetInt32().ShouldBe(1);
    }

    [PostgresFact(PgDump = true)]
    public async Task What_the_pipeline_signs_off_is_applied_and_the_schema_after_it_is_written_down()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        Write("001_orders", "CREATE TABLE orders (id bigint PRIMARY KEY)", "DROP TABLE orders");
        var program = Program(database, "Production");
        var schema = Path.Combine(_work, "schema.sql");

        (await program.RunAsync("migrate", "check", "--sign-off")).ShouldExitWith(0);
        (await program.RunAsync("migrate", "up", "--dump", schema, "--copy-server", "Host=localhost;Port=1;Username=nobody")).ShouldExitWith(0);

        var written = await File.ReadAllTextAsync(schema);
        written.ShouldContain("CREATE TABLE public.orders (");
        written.ShouldNotContain("schema_migrations");
        (await program.RunAsync("migrate", "down", "--dump", schema)).ShouldExitWith(0);
        (await File.ReadAllTextAsync(schema)).ShouldNotContain("orders");
    }

    [PostgresFact]
    public async Task A_database_that_exists_is_taken_over_and_a_corrected_comment_is_repaired()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE schema_migrations (version bigint, dirty boolean); INSERT INTO schema_migrations VALUES (1, false)");
        Write("001_orders", "CREATE TABLE orders (id bigint PRIMARY KEY, note text)", "DROP TABLE orders");
        var program = Program(database);

        (await program.RunAsync("migrate", "up")).ShouldExitWith(3).Errors.ShouldContain("golang-migrate");
        (await program.RunAsync("migrate", "baseline", "--tracking-table", "done")).ShouldExitWith(2);
        string[] baseline = ["migrate", "baseline", "--from-table", "schema_migrations", "--tracking-table", "done"];
        (await program.RunAsync(baseline)).ShouldExitWith(3).Output.ShouldContain("- table public.orders: column 2: note text");
        Write("001_orders", "CREATE TABLE orders (id bigint PRIMARY KEY)", "DROP TABLE orders");
        (await program.RunAsync(baseline)).ShouldExitWith(0).Output.ShouldContain("Marked as applied: 001_orders.");
        Write("001_orders", "-- Orders.\nCREATE TABLE orders (id bigint PRIMARY KEY)", "DROP TABLE orders");
        (await program.RunAsync("migrate", "repair", "1", "--why", "a comment", "--tracking-table", "done")).ShouldExitWith(0).Output.ShouldContain("Repaired: 001_orders.");
        (await program.RunAsync("migrate", "status", "--tracking-table", "done")).ShouldExitWith(0).Output.ShouldContain("Everything is applied.");
    }

    [PostgresFact]
    public async Task The_database_comes_as_a_URL_is_created_where_asked_for_and_a_misspelt_key_is_named()
    {
        await using var there = await postgres.CreateDatabaseAsync();
        var connection = new NpgsqlConnectionStringBuilder(there.ConnectionString);
        var name = $"new_{Guid.NewGuid():n}";
        var url = $"postgres://{Uri.EscapeDataString(connection.Username!)}:{Uri.EscapeDataString(connection.Password ?? "")}@{connection.Host}:{connection.Port}/{name}";
        Write("001_orders", "CREATE TABLE orders (id bigint PRIMARY KEY)", "DROP TABLE orders");
        var program = Program(null).With("DATABASE_URL", url);
        try
        {
            (await program.RunAsync("migrate", "up")).ShouldExitWith(3).Errors.ShouldContain("--create-database");
            (await program.RunAsync("migrate", "up", "--create-database", "--wait", "30")).ShouldExitWith(0).Output.ShouldContain("Created the database.");
            (await program.RunAsync("migrate", "status", "--database", url)).ShouldExitWith(0).Output.ShouldContain("Everything is applied.");
            (await program.RunAsync("migrate", "status", "--database", "Host=localhost;Usrename=ana")).ShouldExitWith(2).Errors.ShouldContain("'Username' is one");
        }
        finally
        {
            await there.ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        }
    }

    [PostgresFact]
    public async Task Another_tools_files_and_its_history_are_taken_over()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id bigint PRIMARY KEY); CREATE TABLE goose_db_version (id serial, version_id bigint, is_applied bool, tstamp timestamp); INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true)");
        var theirs = Directory.CreateDirectory(Path.Combine(_work, "db")).FullName;
        File.WriteAllText(Path.Combine(theirs, "00001_orders.sql"), "-- +goose Up\nCREATE TABLE orders (id bigint PRIMARY KEY);\n-- +goose Down\nDROP TABLE orders;\n");
        File.WriteAllText(Path.Combine(theirs, "00002_note.sql"), "-- +goose Up\nALTER TABLE orders ADD COLUMN note text;\n");
        var program = Program(database);

        (await program.RunAsync("migrate", "import", "db", "--layout", "liquibase", "--service", "shop")).ShouldExitWith(2);
        var import = (await program.RunAsync("migrate", "import", "db", "--layout", "goose", "--service", "shop")).ShouldExitWith(0);
        import.Output.ShouldContain("2 migrations were written to migrations/shop.");
        import.Output.ShouldContain("00002_note has no way back");
        (await program.RunAsync("migrate", "baseline", "--from-table", "goose_db_version")).ShouldExitWith(0).Output.ShouldContain("Marked as applied: 00001_orders.");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(0).Output.ShouldContain("applied 00002_note");
    }

    [PostgresFact]
    public async Task A_run_that_is_told_to_end_says_what_is_done_and_what_is_not()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        Write("001_a", "CREATE TABLE a (id bigint)", "DROP TABLE a");
        Write("002_b", "CREATE TABLE b (id bigint); SELECT pg_sleep(600)", "DROP TABLE b");
        await using var up = Program(database).Start("migrate", "up");
        await Deadline.UntilAsync(
            () => database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(600)' AND state = 'active' AND pid <> pg_backend_pid()"),
            sleeping => sleeping == 1, "come to the second migration");

        await up.SignalAsync("TERM");

        (await up.EndAsync()).ShouldExitWith(130).Errors.ShouldContain("Done: 001_a. Not done, or not everywhere: 002_b.");
        (await database.ScalarAsync<bool>("SELECT to_regclass('b') IS NULL")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_run_that_is_told_to_end_while_its_migrations_are_checked_says_that_nothing_is_done()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        Write("001_a", "CREATE TABLE a (id bigint); SELECT pg_sleep(600.001)", "DROP TABLE a");
        await using var up = Program(database, "Production").Start("migrate", "up");
        await Deadline.UntilAsync(
            () => database.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'throwaway%' AND query LIKE '%pg_sleep(600.001)' AND state = 'active'"),
            sleeping => sleeping == 1, "try the migration on the copy");

        await up.SignalAsync("TERM");

        (await up.EndAsync()).ShouldExitWith(130).Errors.ShouldContain("It was stopped before any migration was run, so nothing is done.");
        (await database.ScalarAsync<bool>("SELECT to_regclass('a') IS NULL AND to_regclass('schema_migrations') IS NULL")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_way_back_that_does_not_restore_is_shown()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        Write("001_orders", "CREATE TABLE orders (id bigint); CREATE SEQUENCE numbers", "DROP TABLE orders");

        var result = (await Program(database).RunAsync("migrate", "verify")).ShouldExitWith(3);

        result.Output.ShouldContain("+ sequence public.numbers");
    }

    [PostgresFact]
    public async Task One_tenant_is_one_tenant_and_not_one_tenants()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b; CREATE TABLE tenant_b.notes ()");
        Write("001_notes", "-- tenants: each\nCREATE TABLE notes (id bigint PRIMARY KEY)", "-- tenants: each\nDROP TABLE notes");

        var up = (await Program(database).RunAsync("migrate", "up")).ShouldExitWith(4);

        up.Output.ShouldContain("1 run, in 1 tenant; 1 tenant failed.");
        up.Errors.ShouldContain("1 tenant failed; the others are done.");
        await database.ExecuteAsync("DROP TABLE tenant_b.notes; CREATE SCHEMA tenant_c");
        (await Program(database).RunAsync("migrate", "up")).ShouldExitWith(0).Output.ShouldContain("2 run, in 2 tenants.");
    }

    [Fact]
    public void An_annotation_of_several_lines_is_one_line_that_a_pipeline_reads_as_several()
    {
        var finding = new Finding
        {
            RuleId = "statement-fails", Group = SafetyGroup.Breaks, Severity = Severity.Error, Direction = Direction.Up, Path = "a,b:c/001.up.sql", Line = 7,
            What = "PostgreSQL refuses it:\n100 % of the rows\r\nare wrong.", Way = "Mend it.",
        };

        FindingText.Annotation(finding).ShouldBe("::error file=a%2Cb%3Ac/001.up.sql,line=7,title=statement-fails::PostgreSQL refuses it:%0A100 %25 of the rows%0Aare wrong. Instead: Mend it.");
        FindingText.Summary(new SafetyReport([finding, finding with { Severity = Severity.Warning }], ["001"], [], [])).ShouldStartWith("1 judged: 1 unsafe, 1 warning, 0 allowed");
    }

    [PostgresFact]
    public async Task Exit_codes_tell_wrong_files_from_refusals_and_failures()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = Program(database);
        (await program.RunAsync("migrate", "status")).ShouldExitWith(2).Errors.ShouldContain("--service");
        (await program.RunAsync("migrate")).ShouldExitWith(2);

        Write("001_a", "SELECT 1/0", "SELECT 1");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(4).Errors.ShouldContain("division by zero");
        Write("001_a", "CREATE TABLE taken (id bigint PRIMARY KEY); INSERT INTO taken VALUES (7), (7)", "DROP TABLE taken");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(4).Errors.ShouldContain("Key (id)=(7) already exists.");
        await database.ExecuteAsync("CREATE TABLE taken (id bigint PRIMARY KEY)");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(4).Errors.ShouldContain("'projections migrate baseline' takes it over");
        Write("001_a", "SELECT 1", "SELECT 1");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(0);
        Write("001_a", "SELECT 2", "SELECT 1");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(3).Errors.ShouldContain("has changed since");
        Write("001_a", "\\d", "SELECT 1");
        (await program.RunAsync("migrate", "up")).ShouldExitWith(2).Errors.ShouldContain("command of psql");
    }

    [Fact]
    public async Task A_new_migration_gets_the_next_number()
    {
        Write("001_a", "SELECT 1", "SELECT 1");

        var result = (await Program(null).RunAsync("migrate", "create", "add total")).ShouldExitWith(0);

        result.Output.ShouldContain("002_add_total.up.sql");
        File.Exists(Path.Combine(_work, "migrations", "shop", "002_add_total.down.sql")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_generated_table_is_the_one_that_the_row_type_asks_for()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        const string columns = "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'invoice_summary_v2'::regclass AND attnum > 0";
        (await Program(null).RunAsync("migrate", "generate", "invoice_summary", "2", "--folder", _work)).ShouldExitWith(0);

        await database.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(_work, "table.sql")));
        var generated = await database.ScalarAsync<string>(columns);
        await database.ExecuteAsync(await File.ReadAllTextAsync(Path.Combine(_work, "down.sql")));
        await database.ExecuteAsync(new ReadModels.InvoiceSummary.V2.InvoiceSummaryV2().Files.TableSql);

        generated.ShouldBe(await database.ScalarAsync<string>(columns));
        (await Program(null).RunAsync("migrate", "generate", "invoice_summary", "2", "--folder", _work)).ShouldExitWith(2).Errors.ShouldContain("is there already");
    }

    [Fact]
    public void Every_example_of_its_verbs_can_be_typed_as_it_stands()
    {
        var root = ProjectionsProgram.CreateBuilder().ToCommand();
        foreach (var example in new MigrateVerb().Subcommands.Cast<Verb>().SelectMany(verb => verb.Examples))
        {
            root.Parse(System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(example).Skip(1).ToArray())
                .Errors.Select(error => error.Message).ShouldBeEmpty(example);
        }
    }
}
