using Projections.Testing;
using Projections.TestServers;

namespace Projections.CommandLine;

/// <summary>The migrations of a service in a store for each tenant.</summary>
public sealed class MigrateDatabasesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IDisposable
{
    private const string HasOrders = "select to_regclass('orders') is not null";

    private readonly string _work = Directory.CreateTempSubdirectory("migrate_").FullName;

    public void Dispose() => Directory.Delete(_work, recursive: true);

    [PostgresFact]
    public async Task All_databases_are_migrated_and_a_broken_one_keeps_no_other_from_its_turn()
    {
        await using var a = await postgres.CreateDatabaseAsync();
        await using var b = await postgres.CreateDatabaseAsync();
        await using var c = await postgres.CreateDatabaseAsync();
        await b.ExecuteAsync("create table orders (id int)");
        WriteOrders();
        var program = Program(("a", a.ConnectionString), ("b", b.ConnectionString), ("c", c.ConnectionString), ("d", "Host=127.0.0.1;Port=1;Database=shop;Username=shop"));

        var shown = (await program.RunAsync("migrate", "up", "--all-databases")).ShouldExitWith(ExitCode.Failed);
        var status = (await program.RunAsync("migrate", "status", "--all-databases")).ShouldExitWith(ExitCode.Failed);
        var json = (await program.RunAsync("migrate", "up", "--all-databases", "--json")).ShouldExitWith(ExitCode.Failed).Json;

        (await a.ScalarAsync<bool>(HasOrders)).ShouldBeTrue();
        (await c.ScalarAsync<bool>(HasOrders)).ShouldBeTrue();
        shown.Output.ShouldContain($"== a{Environment.NewLine}applied 001_orders");
        shown.Output.ShouldContain("Done in 2 of 4 databases; not in:");
        shown.Output.ShouldContain("  b: ");
        shown.Output.ShouldContain("already exists");
        shown.Output.ShouldContain("  d: ");
        status.Output.ShouldContain("2 of 4 as they should be; 2 need a look: b: 001_orders is pending. d: ");
        status.Output.ShouldNotContain("== a");
        json.GetProperty("well").GetInt32().ShouldBe(2);
        json.GetProperty("answers")[0].GetProperty("answer").GetProperty("succeeded").GetBoolean().ShouldBeTrue();
        json.GetProperty("answers")[1].GetProperty("answer").GetProperty("failedAt").GetProperty("sqlState").GetString().ShouldBe("42P07");
        json.GetProperty("answers")[3].GetProperty("error").GetProperty("message").GetString()!.ShouldNotBeEmpty();
    }

    [PostgresFact]
    public async Task A_wave_follows_one_in_which_all_is_done_and_healthy_and_no_other()
    {
        await using var a = await postgres.CreateDatabaseAsync();
        await using var b = await postgres.CreateDatabaseAsync();
        await a.ExecuteAsync("create table orders (id int)");
        WriteOrders();
        var program = Program(("a", a.ConnectionString), ("b", b.ConnectionString));

        var stopped = (await program.RunAsync("migrate", "up", "--all-databases", "--wave", "1,rest", "--healthy-for", "0s")).ShouldExitWith(ExitCode.Failed);
        var untouched = await b.ScalarAsync<bool>(HasOrders);
        await a.ExecuteAsync("drop table orders");
        var done = (await program.RunAsync("migrate", "up", "--all-databases", "--wave", "1,rest", "--healthy-for", "0s")).ShouldExitWith(ExitCode.Done);

        stopped.Errors.ShouldContain("Wave 1 of 2 is not healthy, and nothing was begun in the 1 databases after it. a: ");
        untouched.ShouldBeFalse();
        done.Output.ShouldContain("Wave 1 of 2 is done; looking whether it stays healthy.");
        done.Output.ShouldContain("Done in 2 of 2 databases.");
        (await b.ScalarAsync<bool>(HasOrders)).ShouldBeTrue();
        (await b.ScalarAsync<bool>("select to_regclass('projections.version') is null")).ShouldBeTrue("a look for health leaves no catalog behind");
    }

    [PostgresFact]
    public async Task A_wave_does_not_follow_one_with_a_version_that_has_failed()
    {
        await using var a = await World.CreateAsync(postgres, invoices: 2);
        await using var b = await postgres.CreateDatabaseAsync();
        WriteOrders();
        var program = Program(("a", a.Database.ConnectionString), ("b", b.ConnectionString));
        (await program.RunAsync("rebuild", "open_items", "--to", "1", "--detach", "--database", "a")).ShouldExitWith(ExitCode.Done);
        (await program.RunAsync("pause", "open_items", "--database", "a")).ShouldExitWith(ExitCode.Done);

        var stopped = (await program.RunAsync("migrate", "up", "--all-databases", "--wave", "1,rest", "--healthy-for", "0s")).ShouldExitWith(ExitCode.Refused);

        stopped.Errors.ShouldContain("a: open_items v1 is paused.");
        (await a.Database.ScalarAsync<bool>(HasOrders)).ShouldBeTrue();
        (await b.ScalarAsync<bool>(HasOrders)).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task Ctrl_c_ends_the_database_in_hand_begins_no_other_and_says_how_many_are_left()
    {
        await using var a = await postgres.CreateDatabaseAsync();
        await using var b = await postgres.CreateDatabaseAsync();
        WriteOrders();
        File.WriteAllText(Path.Combine(_work, "migrations", "shop", "002_slow.up.sql"), "SELECT pg_sleep(600)");
        File.WriteAllText(Path.Combine(_work, "migrations", "shop", "002_slow.down.sql"), "SELECT 1");
        await using var up = Program(("a", a.ConnectionString), ("b", b.ConnectionString)).Start("migrate", "up", "--all-databases");
        await up.SaysAsync("applied 001_orders");

        await up.SignalAsync("INT");
        var stopped = (await up.EndAsync()).ShouldExitWith(ExitCode.Interrupted);

        stopped.Errors.ShouldContain("It was stopped, and nothing was begun in 1 of 2 databases.");
        stopped.Output.ShouldContain("Done in 0 of 2 databases; not in:");
        stopped.Output.ShouldContain("  a: It was stopped before its end. Done: 001_orders.");
        (await b.ScalarAsync<bool>("select to_regclass('schema_migrations') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task One_database_is_named_or_none_or_a_connection_string_is_given_as_ever()
    {
        await using var a = await postgres.CreateDatabaseAsync();
        await using var b = await postgres.CreateDatabaseAsync();
        WriteOrders();
        var program = Program(("a", a.ConnectionString), ("b", b.ConnectionString));

        var unnamed = (await program.RunAsync("migrate", "up")).ShouldExitWith(ExitCode.WrongUsage);
        var mixed = (await program.RunAsync("migrate", "up", "--database", "a", "--database", b.ConnectionString)).ShouldExitWith(ExitCode.WrongUsage);
        var dump = (await program.RunAsync("migrate", "up", "--all-databases", "--dump", "schema.sql")).ShouldExitWith(ExitCode.WrongUsage);
        (await program.RunAsync("migrate", "create", "more", "--database", "a")).ShouldExitWith(ExitCode.WrongUsage);
        (await program.RunAsync("migrate", "up", "--database", "b")).ShouldExitWith(ExitCode.Done);
        var untouched = await a.ScalarAsync<bool>(HasOrders);
        (await program.RunAsync("migrate", "up", "--database", a.ConnectionString)).ShouldExitWith(ExitCode.Done);

        unnamed.Errors.ShouldContain("Say in which the migrations of 'shop' are to run: by --database or --all-databases.");
        mixed.Errors.ShouldContain("A connection string is no database's name. There are: a, b.");
        mixed.Errors.ShouldNotContain(b.ConnectionString);
        dump.Errors.ShouldContain("--dump is for one database at a time.");
        untouched.ShouldBeFalse();
        (await a.ScalarAsync<bool>(HasOrders)).ShouldBeTrue();
        (await b.ScalarAsync<bool>(HasOrders)).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Where_a_service_keeps_its_tables_elsewhere_a_template_says_so_and_what_is_the_same_for_all_is_refused()
    {
        await using var reads = await postgres.CreateDatabaseAsync();
        await using var store = await postgres.CreateDatabaseAsync();
        WriteOrders();
        var name = await store.ScalarAsync<string>("select current_database()");
        var program = Program((name, reads.ConnectionString)).With($"Databases__{name}__Events", store.ConnectionString);

        var same = (await program.With("ConnectionStrings__shop", reads.ConnectionString).RunAsync("migrate", "up", "--database", name)).ShouldExitWith(ExitCode.WrongUsage);
        (await program.With("ConnectionStrings__shop", store.ConnectionString.Replace(name, "{name}", StringComparison.Ordinal)).RunAsync("migrate", "up", "--database", name)).ShouldExitWith(ExitCode.Done);
        var byTemplate = await store.ScalarAsync<bool>(HasOrders);
        (await program.With("ConnectionStrings__shop", "{events}").RunAsync("migrate", "down", "--database", name)).ShouldExitWith(ExitCode.Done);

        same.Errors.ShouldContain("'ConnectionStrings:shop' is the same for all databases");
        byTemplate.ShouldBeTrue();
        (await store.ScalarAsync<bool>(HasOrders)).ShouldBeFalse();
        (await reads.ScalarAsync<bool>("select to_regclass('schema_migrations') is null")).ShouldBeTrue();
    }

    private void WriteOrders()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_work, "migrations", "shop")).FullName;
        File.WriteAllText(Path.Combine(folder, "001_orders.up.sql"), "CREATE TABLE orders (id bigint PRIMARY KEY)");
        File.WriteAllText(Path.Combine(folder, "001_orders.down.sql"), "DROP TABLE orders");
    }

    private BuiltProgram Program(params (string Name, string Connection)[] databases)
    {
        var program = new BuiltProgram { WorkingFolder = _work }.With("DOTNET_ENVIRONMENT", "Development");
        foreach (var (name, connection) in databases)
        {
            program.With($"Databases__{name}__ReadModels", connection);
        }

        return program;
    }
}
