using Projections.Events;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.CommandLine;

public sealed class LifeTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_version_is_built_switched_to_rolled_back_and_retired_from_the_command_line()
    {
        await using var world = await World.CreateAsync(postgres, 200);
        var program = world.Program;

        (await program.RunAsync("list")).ShouldExitWith(0).Output.ShouldContain("never built");
        var first = (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto", "--why", "the first")).ShouldExitWith(0);
        first.Output.ShouldContain("invoice_summary v1 is live at position 2000: 2,000 events");
        (await world.Database.ScalarAsync<long>("select count(*) from invoice_summary")).ShouldBe(200);

        var second = (await program.RunAsync("rebuild", "invoice_summary", "--json")).ShouldExitWith(0);
        second.Json.GetProperty("version").GetInt32().ShouldBe(2);
        second.Json.GetProperty("status").GetProperty("state").GetString().ShouldBe("ready");
        await ShouldPreviewAsync(program);

        var switched = (await program.RunAsync("switch", "invoice_summary", "--to", "2", "--json")).ShouldExitWith(0);
        switched.Json.GetProperty("from").GetInt32().ShouldBe(1);
        switched.Json.GetProperty("change").GetProperty("lost").EnumerateArray().Select(column => column.GetString()).ShouldBe(["line_count", "closed"]);
        (await world.Database.ScalarAsync<long>("select count(status) from invoice_summary")).ShouldBe(200);

        (await program.RunAsync("retire", "invoice_summary", "--version", "2")).ShouldExitWith(3).Errors.ShouldContain("Switch to another version first");
        (await program.RunAsync("rollback", "invoice_summary", "--why", "a report broke")).ShouldExitWith(0).Output.ShouldContain("go to v1, no longer to v2");
        (await program.RunAsync("retire", "invoice_summary", "--version", "2")).ShouldExitWith(0);
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v2') is null")).ShouldBeTrue();

        var history = (await program.RunAsync("history", "invoice_summary", "--json")).ShouldExitWith(0).Json;
        history.GetProperty("switches").EnumerateArray().Select(record => record.GetProperty("to").GetInt32()).ShouldBe([1, 2, 1]);
        history.GetProperty("switches")[0].GetProperty("why").GetString().ShouldBe("a report broke");
    }

    [PostgresFact]
    public async Task Several_projections_or_all_of_them_are_rebuilt_by_one_command()
    {
        await using var world = await World.CreateAsync(postgres, 200);
        var program = world.Program;

        var two = (await program.RunAsync("rebuild", "invoice_summary", "open_items", "--json")).ShouldExitWith(0).Json;
        two.EnumerateArray().Select(one => one.GetProperty("projection").GetString()).ShouldBe(["invoice_summary", "open_items"]);
        two.EnumerateArray().ShouldAllBe(one => one.GetProperty("status").GetProperty("state").GetString() == "ready");

        var all = (await program.RunAsync("rebuild", "--all")).ShouldExitWith(0).Output;
        all.ShouldContain("invoice_summary v2 is ready");
        all.ShouldContain("customer_balance");
        (await world.Database.ScalarAsync<bool>("select bool_and(ready) and count(*) > 2 from (select bool_or(phase = 'following') as ready from projections.version group by projection) p")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_release_of_two_projections_is_planned_applied_and_undone_from_the_command_line()
    {
        await using var world = await World.CreateAsync(postgres, 50);
        var program = world.Program;
        (await program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);
        (await program.RunAsync("rebuild", "open_items", "--to", "1")).ShouldExitWith(0);
        var release = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.yaml");
        await File.WriteAllTextAsync(release, "# the new basket\nopen_items: 1\ninvoice_summary: 2\n");

        (await program.RunAsync("release", "plan", release)).ShouldExitWith(3).Output.ShouldContain("Build it first with 'projections rebuild invoice_summary --to 2'");
        (await program.RunAsync("rebuild", "invoice_summary", "--to", "2")).ShouldExitWith(0);
        (await program.RunAsync("release", "apply", release, "--why", "the new basket")).ShouldExitWith(0).Output.ShouldContain("Reads of 'invoice_summary' go to v2, no longer to v1");
        (await program.RunAsync("release", "plan", release)).ShouldExitWith(0).Output.ShouldContain("All gates are open.");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.switch where why = 'the new basket'")).ShouldBe(2);

        (await program.RunAsync("release", "rollback", release)).ShouldExitWith(3).Errors.ShouldContain("Cannot roll back 'open_items'");
        await File.WriteAllTextAsync(release, "invoice_summary: 2\n");
        (await program.RunAsync("release", "rollback", release)).ShouldExitWith(0).Output.ShouldContain("Reads of 'invoice_summary' go to v1, no longer to v2");
        await File.WriteAllTextAsync(release, "invoice_summary: second\n");
        (await program.RunAsync("release", "apply", release)).ShouldExitWith(2).Errors.ShouldContain("is no release.");
        File.Delete(release);
    }

    private static async Task ShouldPreviewAsync(BuiltProgram program)
    {
        var status = (await program.RunAsync("status", "invoice_summary", "--json")).ShouldExitWith(0).Json[0];
        status.GetProperty("liveVersion").GetInt32().ShouldBe(1);
        status.GetProperty("head").GetString().ShouldBe("2000");
        var candidate = status.GetProperty("versions")[1];
        candidate.GetProperty("state").GetString().ShouldBe("ready");
        candidate.GetProperty("lagEvents").GetInt64().ShouldBe(0);
        candidate.GetProperty("switch").GetProperty("manner").GetString().ShouldBe("recreated");

        var text = (await program.RunAsync("status", "invoice_summary")).ShouldExitWith(0).Output;
        text.ShouldContain("invoice_summary → v1");
        text.ShouldContain("lost: line_count, closed");
    }

    [PostgresTheory]
    [InlineData("marten", "Host=127.0.0.1;Port=1;Database=shop;Username=ana", "Cannot connect to the event store")]
    [InlineData("eventstoredb", "esdb://127.0.0.1:1?tls=false", "server unavailable: Connection refused")]
    public async Task States_and_checkpoints_are_shown_while_the_event_store_is_away_and_the_lag_is_said_to_be_unknown(string kind, string events, string reason)
    {
        await using var world = await World.CreateAsync(postgres, 20);
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);
        var program = world.Program.With("Events__Kind", kind).With("ConnectionStrings__Events", events);

        foreach (var verb in new[] { "status", "list" })
        {
            var shown = (await program.RunAsync(verb)).ShouldExitWith(0);
            shown.Output.ShouldContain("v1");
            shown.Output.ShouldContain("live");
            shown.Output.ShouldContain("unknown");
            shown.Output.ShouldContain("No lag is known, because the event store cannot be read at present: ");
            shown.Output.ReplaceLineEndings(" ").ShouldContain(reason);
            shown.Errors.ShouldNotContain("Trying again");
        }

        var version = (await program.RunAsync("status", "--json")).ShouldExitWith(0).Json.EnumerateArray().Single(one => one.GetProperty("projection").GetString() == "invoice_summary");
        version.GetProperty("sourceTrouble").GetString().ShouldNotBeNull().ShouldContain(reason);
        (await program.RunAsync("history", "invoice_summary")).ShouldExitWith(0).Output.ShouldContain("v1");
        (await program.RunAsync("check")).ShouldExitWith(4);
    }

    [PostgresFact]
    public async Task A_check_says_what_is_wrong_and_what_to_do_and_exits_with_3()
    {
        await using var world = await World.CreateAsync(postgres, 20);
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto")).ShouldExitWith(0);
        (await world.Program.RunAsync("check", "invoice_summary")).ShouldExitWith(0).Output.ShouldContain("invoice_summary is healthy");

        await world.Database.ExecuteAsync("drop view invoice_summary");
        (await world.Program.RunAsync("check")).ShouldExitWith(3).Output.ShouldContain("v1 read-name: There is no \"public\".\"invoice_summary\".");
        var broken = (await world.Program.RunAsync("check", "invoice_summary", "--json")).ShouldExitWith(3).Json[0];
        broken.GetProperty("verdict").GetString().ShouldBe("broken");
        broken.GetProperty("versions")[0].GetProperty("findings")[0].GetProperty("rule").GetString().ShouldBe("read-name");
        (await world.Program.RunAsync("check", "no_such_thing")).ShouldExitWith(2).Errors.ShouldContain("no such projection");
    }

    [PostgresFact]
    public async Task A_switch_catches_up_by_itself_where_no_worker_runs()
    {
        await using var world = await World.CreateAsync(postgres, 20);
        await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto");
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "2")).ShouldExitWith(0);
        var invoice = Guid.NewGuid();
        await world.Store.AppendAsync(new StreamId(invoice), [("invoice_issued", """{"number":"R-1","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}""")]);

        (await world.Program.RunAsync("switch", "invoice_summary", "--to", "2")).ShouldExitWith(0);

        (await world.Database.ScalarAsync<long>($"select count(due_on) from invoice_summary where invoice_id = '{invoice}'")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Names_that_nobody_knows_are_wrong_usage_and_states_that_do_not_fit_are_refusals()
    {
        await using var world = await World.CreateAsync(postgres, 20);

        (await world.Program.RunAsync("rebuild", "no_such_thing")).ShouldExitWith(2).Errors.ShouldContain("invoice_summary");
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "9")).ShouldExitWith(2).Errors.ShouldContain("v1, v2");
        (await world.Program.RunAsync("status", "no_such_thing")).ShouldExitWith(2).Errors.ShouldContain("projections list");
        var refused = (await world.Program.RunAsync("switch", "invoice_summary", "--to", "1", "--patience", "10m", "--json")).ShouldExitWith(3);
        refused.Json.GetProperty("error").GetProperty("kind").GetString().ShouldBe("refused");
        refused.Json.GetProperty("error").GetProperty("gates")[0].GetProperty("wayOut").GetString().ShouldNotBeNullOrEmpty();
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--detach")).ShouldExitWith(0);
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "2")).ShouldExitWith(3).Errors.ShouldContain("projections abort");
    }

    [PostgresFact]
    public async Task A_command_that_is_sent_twice_is_done_once()
    {
        await using var world = await World.CreateAsync(postgres, 20);
        var id = Guid.NewGuid().ToString();

        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--detach", "--json", "--command-id", id)).ShouldExitWith(0).Json.GetProperty("alreadyDone").GetBoolean().ShouldBeFalse();
        (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--detach", "--json", "--command-id", id)).ShouldExitWith(0).Json.GetProperty("alreadyDone").GetBoolean().ShouldBeTrue();
    }

    [PostgresFact]
    public async Task An_event_that_cannot_be_folded_fails_the_rebuild_with_its_position_and_the_way_on()
    {
        await using var world = await World.CreateAsync(postgres, 20);
        await world.Store.AppendAsync(new StreamId(Guid.NewGuid()), [("tax_applied", """{"rate":0.19,"amount":1}""")]);

        var result = (await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1")).ShouldExitWith(4);

        result.Errors.ShouldContain("failed at position 201");
        result.Errors.ShouldContain("tax_applied");
        result.Errors.ShouldContain("projections resume invoice_summary");
        result.Errors.ShouldNotContain("   at ");
        (await world.Program.RunAsync("status", "invoice_summary")).Output.ShouldContain("failed at position 201");
    }

    [PostgresFact]
    public async Task Dead_letters_are_listed_and_decided_on()
    {
        await using var world = await World.CreateAsync(postgres, 20);
        await world.Program.RunAsync("rebuild", "invoice_summary", "--to", "1", "--switch", "auto");
        (await world.Program.RunAsync("dead-letters", "invoice_summary")).ShouldExitWith(0).Output.ShouldContain("no dead letters");
        await world.Database.ExecuteAsync(
            """
            insert into projections.dead_letter (projection, number, position_major, position_minor, stream, stream_version, type, data, metadata, event_time, stage, error)
            select 'invoice_summary', 1, p, 0, 'invoice-7', 1, 'tax_applied', '{"rate":1}', '{}', now(), 'fold', 'there is no row' from unnest(array[7, 8]) p
            """);

        var listed = (await world.Program.RunAsync("dead-letters", "invoice_summary", "list", "--json")).ShouldExitWith(0).Json;
        listed.EnumerateArray().Select(letter => letter.GetProperty("position").GetString()).ShouldBe(["7", "8"]);
        listed[0].GetProperty("data").GetString().ShouldBe("""{"rate":"number"}""");
        (await world.Program.RunAsync("show-event", "invoice_summary", "--position", "8")).ShouldExitWith(0).Output.ShouldContain("""{"rate":1}""");
        (await world.Program.RunAsync("show-event", "invoice_summary", "--position", "9")).ShouldExitWith(2).Errors.ShouldContain("has set it aside");
        (await world.Program.RunAsync("history", "invoice_summary")).ShouldExitWith(0).Output.ShouldContain("show-event");
        (await world.Program.RunAsync("status", "invoice_summary")).Output.ShouldContain("2 dead letters");

        (await world.Program.RunAsync("dead-letters", "invoice_summary", "discard", "--position", "7")).ShouldExitWith(0).Output.ShouldContain("1 dead letter");
        (await world.Program.RunAsync("dead-letters", "invoice_summary", "retry")).ShouldExitWith(0).Output.ShouldContain("projections run");
        listed = (await world.Program.RunAsync("dead-letters", "invoice_summary", "--json")).Json;
        listed.EnumerateArray().Select(letter => letter.GetProperty("status").GetString()).ShouldBe(["discarded", "retry"]);
    }
}
