using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.PostgresEvents.Marten;
using Projections.ReadModels.CustomerMonthRevenue.V1;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.ReadModels.OpenItems.V1;
using Projections.Testing;
using Projections.Verification;

namespace Projections.EndToEnd;

public sealed class RepairTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Explaining_a_row_step_by_step_ends_with_the_row_that_the_real_fold_made()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(200);
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(new InvoiceSummaryV1(), new InvoiceSummaryV2()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        await world.BuildAsync(system, "invoice_summary", 2);

        foreach (var key in await world.ColumnAsync("select invoice_id::text from invoice_summary_v2 order by 1 limit 20"))
        {
            var explained = await new Explain(system).RunAsync(new("invoice_summary"), key, null, null, CancellationToken.None);

            explained.Streams.ShouldBe([key]);
            explained.Steps.Count.ShouldBeGreaterThan(1);
            var last = explained.Steps[^1];
            last.Rows.Select(row => row.Row).ShouldBe(explained.Stored.Select(row => row.Row));
            last.Rows.ShouldAllBe(row => row.Row != null);
            explained.Stored.Select(row => row.Version).ShouldBe([1, 2]);
        }
    }

    [PostgresFact]
    public async Task Explaining_shows_at_which_event_two_versions_part()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var stream = TallyWorld.StreamOf(7);
        await world.AddAsync(stream, 2);
        var wrong = await world.AddAsync(stream, 3);
        await world.AddAsync(stream, 4);
        // The handler loses what was there when three is added.
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(new TallyV1(), new ForgetfulTallyV2()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        var report = await new Verify(system).RunAsync(TallyWorld.Tally, null, null, TimeSpan.FromSeconds(30), World.Someone, CancellationToken.None);
        report.Result.Differing.ShouldBe(1);
        var explained = await new Explain(system).RunAsync(TallyWorld.Tally, stream.ToString(), null, null, CancellationToken.None);

        explained.Steps.Count.ShouldBe(8);
        explained.PartsAt!.Position.Major.ShouldBe(wrong);
        explained.PartsAt.Data.Replace(" ", "", StringComparison.Ordinal).ShouldBe("""{"amount":3}""");
        explained.PartsAt.Rows[0].Row!.ShouldContain("\"total\": 10");
        explained.PartsAt.Rows[1].Row!.ShouldContain("\"total\": 3");
    }

    [PostgresFact]
    public async Task A_repair_mends_rows_of_every_kind_of_damage_while_events_flow_and_touches_no_other()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync(
            $"""
            update tally_v2 set total = 1000 where id = '{TallyWorld.StreamOf(60)}';
            delete from tally_v2 where id = '{TallyWorld.StreamOf(61)}';
            insert into tally_v2 values ('{Guid.Empty}', 5, 5, 5);
            update tally_v2 set biggest = 77 where id = '{TallyWorld.StreamOf(62)}'
            """);
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);

        var keys = new[] { TallyWorld.StreamOf(60), TallyWorld.StreamOf(61), Guid.Empty, TallyWorld.StreamOf(3) };
        var repaired = await RepairAsync(system, new RepairScope { Keys = [.. keys.Select(key => key.ToString())] });

        await stop.CancelAsync();
        var added = await adding;
        repaired.ShouldBe(new RepairReport(new(TallyWorld.Tally, 2), 4, 3, 3));
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 500L + added);
        (await VerifyAsync(system)).Agrees.ShouldBeTrue();
        (await world.Database.ScalarAsync<int>($"select biggest from tally_v2 where id = '{TallyWorld.StreamOf(62)}'")).ShouldBe(77);
    }

    [PostgresFact]
    public async Task A_row_that_was_repaired_goes_on_from_the_repaired_state()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var stream = TallyWorld.StreamOf(5);
        await world.AddAsync(stream, 10);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 510L);
        // The follower has the row in memory now, and would write what it remembers.
        await world.Database.ExecuteAsync($"update tally_v2 set total = 1 where id = '{stream}'");

        await RepairAsync(system, new RepairScope { Streams = [stream.ToString()] });
        await world.AddAsync(stream, 100);

        await world.EventuallyAsync($"select total from tally_v2 where id = '{stream}'", 115L);
        await world.EventuallyAsync($"select total from tally_v1 where id = '{stream}'", 115L);
    }

    [PostgresFact]
    public async Task Rows_that_differ_from_the_live_version_can_be_repaired_without_naming_them()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync($"update tally_v2 set total = total + 1 where id < '{TallyWorld.StreamOf(10)}'");
        (await VerifyAsync(system)).Differing.ShouldBe(10);

        (await RepairAsync(system, new RepairScope { WhereDifferent = true })).Keys.ShouldBe(10);

        (await VerifyAsync(system)).Agrees.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task The_rows_of_one_tenant_can_be_repaired_and_those_of_others_stay_as_they_are()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.Store.SeedAsync(Enumerable.Range(0, 300).Select(i => new MartenEvent(
            new StreamId(TallyWorld.StreamOf(i % 30)), (i / 30) + 1, TallyEvents.Added, """{"amount":1}""", DateTime.UnixEpoch.AddSeconds(i), Tenant: i % 3 == 0 ? "north" : "south")));
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        await world.Database.ExecuteAsync("update tally_v2 set total = 77");

        (await RepairAsync(system, new RepairScope { Tenant = "north" })).ShouldBe(new RepairReport(new(TallyWorld.Tally, 2), 10, 10, 10));

        (await world.ColumnAsync("select total || ' ' || count(*) from tally_v2 group by total order by total")).ShouldBe(["10 10", "77 20"]);
        (await world.Database.ScalarAsync<long>($"select total from tally_v2 where id = '{TallyWorld.StreamOf(3)}'")).ShouldBe(10);
        (await RepairAsync(system, new RepairScope { Tenant = "nobody" })).Keys.ShouldBe(0);
    }

    [PostgresFact]
    public async Task Rows_that_cannot_be_mapped_to_streams_are_not_repaired_and_it_is_said_why_and_what_to_do()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedAsync(50);
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(new CustomerMonthRevenueV1()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "customer_month_revenue", 1);
        var key = (await world.ColumnAsync("select customer || ',' || month from customer_month_revenue limit 1"))[0];
        var before = await world.ColumnAsync("select t::text from customer_month_revenue t order by 1");

        var refused = await Should.ThrowAsync<OperationRefused>(
            new Repair(system).RunAsync(new("customer_month_revenue"), null, new RepairScope { Keys = [key] }, World.Someone, CancellationToken.None));

        refused.Message.ShouldBe("Cannot repair customer_month_revenue v1: its keys come from inside the events, so a row's events may be in any stream. If each row has all its events in one stream that its key names, override StreamOf in CustomerMonthRevenueV1; else build the version anew under a new number.");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.repair")).ShouldBe(0);
        (await world.ColumnAsync("select t::text from customer_month_revenue t order by 1")).ShouldBe(before);
    }

    [PostgresFact]
    public async Task A_row_of_several_parts_whose_stream_is_declared_is_repaired_by_itself()
    {
        await using var world = await World.CreateAsync(postgres);
        // Of an invoice that is not paid yet, so that its lines are open.
        var invoice = Guid.NewGuid();
        await world.Store.AppendAsync(
            new StreamId(invoice),
            [
                ("invoice_issued", """{"number":"R-1","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}"""),
                ("line_added", """{"line":1,"product":"paper","quantity":2,"unitPrice":3.50}"""),
                ("line_added", """{"line":2,"product":"ink","quantity":1,"unitPrice":9}"""),
            ]);
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(new OpenItemsV1()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "open_items", 1);
        await world.Database.ExecuteAsync("update open_items_v1 set product = 'wrong'");

        await new Repair(system).RunAsync(new("open_items"), null, new RepairScope { Keys = [$"{invoice}, 2"] }, World.Someone, CancellationToken.None);

        (await world.ColumnAsync("select line || product from open_items order by line")).ShouldBe(["1wrong", "2ink"]);
        var explained = await new Explain(system).RunAsync(new("open_items"), $"[\"{invoice}\", \"2\"]", null, null, CancellationToken.None);
        explained.Streams.ShouldBe([invoice.ToString()]);
        explained.Steps.ShouldHaveSingleItem().Type.ShouldBe("line_added");
        var refused = await Should.ThrowAsync<OperationRefused>(
            new Repair(system).RunAsync(new("open_items"), null, new RepairScope { Keys = [invoice.ToString()] }, World.Someone, CancellationToken.None));
        refused.Message.ShouldContain("it has 1 parts, and the key is (invoice_id, line)");
    }

    [PostgresFact]
    public async Task A_version_of_sql_statements_is_compared_with_its_events_as_a_whole_and_nothing_less()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(new SqlTallyV1()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var key = TallyWorld.StreamOf(3).ToString();

        (await Should.ThrowAsync<OperationRefused>(new Repair(system).RunAsync(TallyWorld.Tally, 1, new RepairScope { Keys = [key] }, World.Someone, CancellationToken.None)))
            .Message.ShouldBe("Cannot repair tally v1: its SQL statements may touch any row, so no row can be folded by itself. Build the version anew under a new number instead.");
        (await Should.ThrowAsync<OperationRefused>(new Explain(system).RunAsync(TallyWorld.Tally, key, null, null, CancellationToken.None)))
            .Message.ShouldContain("'projections verify tally --version 1 --against-events'");
        (await Should.ThrowAsync<OperationRefused>(AgainstEventsAsync(system, 0.5))).Message.ShouldContain("Leave '--sample' out");
        (await AgainstEventsAsync(system, 1)).Result.Equal.ShouldBe(100);
        await world.Database.ExecuteAsync($"update tally_v1 set total = 0 where id = '{key}'");
        (await AgainstEventsAsync(system, 1)).Result.Differing.ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_repair_does_not_wait_for_a_version_that_somebody_has_stopped()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync($"update tally_v2 set total = 77 where id = '{TallyWorld.StreamOf(3)}'");
        var repairing = RepairAsync(system, new RepairScope { Keys = [TallyWorld.StreamOf(3).ToString()] });
        await world.EventuallyAsync("select count(*) from projections.repair where status = 'waiting'", 1L);

        await new Pause(system).RunAsync(TallyWorld.Tally, 2, World.Someone, CancellationToken.None);

        (await Should.ThrowAsync<OperationRefused>(repairing)).Message.ShouldContain("the version is paused now");
        await new Resume(system).RunAsync(TallyWorld.Tally, 2, World.Someone, CancellationToken.None);
        world.Start(system);
        await world.EventuallyAsync($"select total from tally_v2 where id = '{TallyWorld.StreamOf(3)}'", 5L);
    }

    [PostgresFact]
    public async Task A_repair_whose_connection_dies_in_the_middle_leaves_the_old_row_and_is_made_up_for()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        var stream = TallyWorld.StreamOf(9);
        await world.Database.ExecuteAsync(
            $"""
            update tally_v2 set total = 1000 where id = '{stream}';
            create table trap (armed boolean); insert into trap values (true);
            create function spring() returns trigger language plpgsql as $$
            begin
                if (select armed from trap) then perform pg_sleep(600); end if;
                return new;
            end $$;
            create trigger trap before insert on tally_v2 for each row execute function spring()
            """);
        var repairing = RepairAsync(system, new RepairScope { Keys = [stream.ToString()] });
        await world.EventuallyAsync("select count(*) from pg_stat_activity where query like 'insert into %tally_v2%' and wait_event = 'PgSleep'", 1L);
        (await world.Database.ScalarAsync<long>($"select total from tally_v2 where id = '{stream}'")).ShouldBe(1000);

        await world.Database.ExecuteAsync("update trap set armed = false");
        await world.Database.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where query like 'insert into %tally_v2%' and wait_event = 'PgSleep'");

        (await repairing).After.ShouldBe(1);
        (await world.Database.ScalarAsync<long>($"select total from tally_v2 where id = '{stream}'")).ShouldBe(5);
        (await VerifyAsync(system)).Agrees.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_version_agrees_with_its_own_events_until_somebody_edits_a_row()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);
        (await AgainstEventsAsync(system, 1)).Result.Agrees.ShouldBeTrue();
        await stop.CancelAsync();
        await adding;

        await world.Database.ExecuteAsync(
            $"""
            update tally_v1 set total = total + 1 where id = '{TallyWorld.StreamOf(70)}';
            delete from tally_v1 where id = '{TallyWorld.StreamOf(71)}'
            """);
        var found = (await AgainstEventsAsync(system, 1)).Result;

        found.Differing.ShouldBe(1);
        found.OnlyInLater.ShouldBe(1);
        found.Equal.ShouldBe(98);
    }

    [PostgresFact]
    public async Task A_sample_of_rows_is_folded_from_their_own_streams()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("update tally_v1 set total = total + 1");

        var found = await AgainstEventsAsync(system, 0.5);

        found.Result.RowsOfEarlier.ShouldBeInRange(10, 90);
        found.Result.Differing.ShouldBe(found.Result.RowsOfEarlier);
        found.Events.ShouldBe(found.Result.RowsOfEarlier * 5);
    }

    private static async Task<ComparisonResult> VerifyAsync(ProjectionSystem system) =>
        (await new Verify(system).RunAsync(TallyWorld.Tally, null, null, TimeSpan.FromSeconds(30), World.Someone, CancellationToken.None)).Result;

    private static Task<EventVerification> AgainstEventsAsync(ProjectionSystem system, double share) =>
        new VerifyAgainstEvents(system).RunAsync(TallyWorld.Tally, 1, share, CancellationToken.None);

    private static Task<RepairReport> RepairAsync(ProjectionSystem system, RepairScope scope) =>
        new Repair(system).RunAsync(TallyWorld.Tally, 2, scope, World.Someone, CancellationToken.None);
}
