using System.Globalization;
using Projections.Commands;
using Projections.CommandLine.Commands.Databases;
using Projections.TestServers;
using Projections.Testing;

namespace Projections.CommandLine;

/// <summary>One program, and several databases in its settings.</summary>
public sealed class DatabasesTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_command_that_does_not_say_which_database_it_means_is_refused_with_their_names()
    {
        await using var north = await World.CreateAsync(postgres, invoices: 3);
        var program = Serving(("north", north.Database), ("south", north.Database));

        var refused = (await program.RunAsync("status")).ShouldExitWith(ExitCode.WrongUsage);
        var unknown = (await program.RunAsync("pause", "invoice_summary", "--database", "west")).ShouldExitWith(ExitCode.WrongUsage);
        var elsewhere = (await program.RunAsync("api-key", "operator", "--database", "north")).ShouldExitWith(ExitCode.WrongUsage);

        refused.Errors.ShouldContain("Say which database is meant: --database with one of north, south; or --all-databases.");
        unknown.Errors.ShouldContain("There is no database 'west'. There are: north, south.");
        elsewhere.Errors.ShouldContain("'api-key' is about no database of a list.");
    }

    [PostgresFact]
    public async Task A_command_is_carried_out_in_the_database_that_it_names_alone_and_answers_as_ever()
    {
        await using var north = await World.CreateAsync(postgres, invoices: 3);
        await using var south = await World.CreateAsync(postgres, invoices: 4);
        var program = Serving(("north", north.Database), ("south", south.Database));

        var built = (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto", "--database", "south", "--json")).ShouldExitWith(ExitCode.Done);

        built.Json.GetProperty("outcome").GetString().ShouldNotBeNull();
        (await south.Database.ScalarAsync<long>("select count(*) from invoice_summary")).ShouldBe(4);
        (await north.Database.ScalarAsync<bool>("select to_regclass('projections.version') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task The_status_of_all_is_folded_to_what_needs_a_look_and_a_broken_one_keeps_no_other_from_being_shown()
    {
        await using var north = await World.CreateAsync(postgres, invoices: 3);
        await using var south = await World.CreateAsync(postgres, invoices: 4);
        var program = Serving(("north", north.Database), ("south", south.Database)).With("Databases__west__ReadModels", "Host=127.0.0.1;Port=1;Database=shop;Username=shop");
        foreach (var name in (string[])["north", "south"])
        {
            (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--database", name)).ShouldExitWith(ExitCode.Done);
        }

        (await program.RunAsync("rebuild", "open_items", "--to", "1", "--detach", "--database", "south")).ShouldExitWith(ExitCode.Done);
        (await program.RunAsync("pause", "open_items", "--database", "south")).ShouldExitWith(ExitCode.Done);

        var shown = (await program.RunAsync("status", "--all-databases")).ShouldExitWith(ExitCode.Failed);
        var json = (await program.RunAsync("status", "--all-databases", "--json")).ShouldExitWith(ExitCode.Failed).Json;

        shown.Output.ShouldContain("1 of 3 as they should be; 2 need a look: south: open_items v1 is paused. west: Cannot connect to the read models: database 'shop' on 127.0.0.1:1");
        shown.Output.ShouldContain("('Databases:west:ReadModels').");
        shown.Output.ShouldNotContain("== north");
        json.GetProperty("well").GetInt32().ShouldBe(1);
        json.GetProperty("answers").EnumerateArray().Select(answer => answer.GetProperty("database").GetString()).ShouldBe(["north", "south", "west"]);
        json.GetProperty("answers")[0].GetProperty("answer").EnumerateArray().ShouldNotBeEmpty();
    }

    [PostgresFact]
    public async Task What_is_so_for_all_is_said_once()
    {
        await using var north = await World.CreateAsync(postgres, invoices: 2);
        await using var south = await World.CreateAsync(postgres, invoices: 2);
        var program = Serving(("north", north.Database), ("south", south.Database));

        var shown = (await program.RunAsync("status", "--all-databases", "--assembly", typeof(Nameless).Assembly.Location)).ShouldExitWith(ExitCode.Done);

        shown.Errors.Split("Not listed: Nameless: ").Length.ShouldBe(2);
    }

    [PostgresFact]
    public async Task The_fleet_of_all_is_folded_to_databases_where_nobody_does_what_waits()
    {
        await using var north = await World.CreateAsync(postgres, invoices: 3);
        await using var south = await World.CreateAsync(postgres, invoices: 4);
        var program = Serving(("north", north.Database), ("south", south.Database));
        (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--detach", "--database", "south")).ShouldExitWith(ExitCode.Done);

        var shown = (await program.RunAsync("fleet", "--all-databases")).ShouldExitWith(ExitCode.Done);
        var json = (await program.RunAsync("fleet", "--all-databases", "--json")).ShouldExitWith(ExitCode.Done).Json;

        shown.Output.ShouldContain("1 of 2 as they should be; 1 needs a look: south: No program works here, though there is work: invoice_summary v1 (planned).");
        shown.Output.ShouldNotContain("== north");
        json.GetProperty("answers")[0].GetProperty("answer").GetProperty("troubles").GetArrayLength().ShouldBe(0);
    }

    [PostgresFact]
    public async Task Waves_go_by_name_and_each_waits_until_those_before_are_healthy()
    {
        await using var a = await World.CreateAsync(postgres, invoices: 2);
        await using var b = await World.CreateAsync(postgres, invoices: 2);
        await using var c = await World.CreateAsync(postgres, invoices: 2);
        var program = Serving(("c", c.Database), ("a", a.Database), ("b", b.Database));

        var done = (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--all-databases", "--wave", "1,rest", "--healthy-for", "1s")).ShouldExitWith(ExitCode.Done);

        done.Output.ShouldStartWith($"Wave 1 of 2: a{Environment.NewLine}Wave 2 of 2: b, c{Environment.NewLine}Each begins once those before have been healthy for 1 s.");
        done.Output.ShouldContain("Done in 3 of 3 databases.");
        (await ReadyAtAsync(a)).ShouldBeLessThan(await RequestedAtAsync(b));
    }

    [PostgresFact]
    public async Task Waves_stop_with_what_is_to_be_seen_when_one_before_is_not_healthy()
    {
        await using var a = await World.CreateAsync(postgres, invoices: 2);
        await using var b = await World.CreateAsync(postgres, invoices: 2);
        var program = Serving(("a", a.Database), ("b", b.Database));
        (await program.RunAsync("rebuild", "open_items", "--to", "1", "--detach", "--database", "a")).ShouldExitWith(ExitCode.Done);
        (await program.RunAsync("pause", "open_items", "--database", "a")).ShouldExitWith(ExitCode.Done);

        var stopped = (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--all-databases", "--wave", "1,rest", "--healthy-for", "0s")).ShouldExitWith(ExitCode.Refused);

        stopped.Errors.ShouldContain("Wave 1 of 2 is not healthy, and nothing was begun in the 1 databases after it. a: open_items v1 is paused.");
        (await b.Database.ScalarAsync<bool>("select to_regclass('projections.version') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task Waves_stop_where_the_command_fails_in_one_before()
    {
        await using var b = await World.CreateAsync(postgres, invoices: 2);
        var program = Serving(("b", b.Database)).With("Databases__a__ReadModels", "Host=127.0.0.1;Port=1;Database=shop;Username=shop");

        var stopped = (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--all-databases", "--wave", "1,rest")).ShouldExitWith(ExitCode.Failed);

        stopped.Errors.ShouldContain("nothing was begun in the 1 databases after it. a: Cannot connect");
        (await b.Database.ScalarAsync<bool>("select to_regclass('projections.version') is null")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("1,10%,rest", "1,20,179")]
    [InlineData("50%,50%", "100,100")]
    [InlineData("rest", "200")]
    [InlineData("0.1%,199", "1,199")]
    [InlineData("500", "200")]
    public void Waves_are_numbers_shares_of_all_and_the_rest(string sizes, string cut) =>
        string.Join(",", Waves.Cut(sizes, [.. Enumerable.Range(1, 200)]).Select(wave => wave.Count.ToString(CultureInfo.InvariantCulture))).ShouldBe(cut);

    [Theory]
    [InlineData("1,10%", "The waves '1,10%' leave 179 of 200 databases out. End them with 'rest'.")]
    [InlineData("some", "'some' is no size of a wave.")]
    [InlineData("110%", "'110%' is no size of a wave.")]
    [InlineData("1.5,rest", "'1.5' is no size of a wave.")]
    public void Waves_that_are_none_or_leave_some_out_are_refused(string sizes, string message) =>
        Should.Throw<OperationRefused>(() => Waves.Cut(sizes, [.. Enumerable.Range(1, 200)])).Message.ShouldStartWith(message);

    private static BuiltProgram Serving(params (string Name, TestDatabase Database)[] databases)
    {
        var program = new BuiltProgram();
        foreach (var (name, database) in databases)
        {
            program.With($"Databases__{name}__ReadModels", database.ConnectionString);
        }

        return program;
    }

    private static Task<DateTime> ReadyAtAsync(World world) => world.Database.ScalarAsync<DateTime>("select ready_at from projections.version");

    private static Task<DateTime> RequestedAtAsync(World world) => world.Database.ScalarAsync<DateTime>("select requested_at from projections.version");

    private sealed class Nameless(string name) : SqlProjections.SqlProjection(name, 1, Events.EventTypes.Create(_ => { }))
    {
        protected override void Define(SqlProjections.SqlDefinition on)
        {
        }
    }
}
