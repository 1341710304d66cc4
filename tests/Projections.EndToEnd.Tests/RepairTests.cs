using Projections.EndToEnd.Tallies;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.InvoiceSummary.V2;
using Projections.Testing;
using Projections.TestServers;
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

        var report = await new Verify(system).RunAsync(TallyWorld.Tally, null, null, TimeSpan.FromSeconds(30), World.Anybody, CancellationToken.None);
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
        await world.Database.ExecuteAsync($"update tally_v2 set total = 1000 where id = '{stream}'");
        await world.AddAsync(stream, 10);
        // The follower has the wrong row in memory now, and would go on from what it remembers.
        await world.EventuallyAsync($"select total from tally_v2 where id = '{stream}'", 1010L);

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
        (await new Verify(system).RunAsync(TallyWorld.Tally, null, null, TimeSpan.FromSeconds(30), World.Anybody, CancellationToken.None)).Result;

    private static Task<EventVerification> AgainstEventsAsync(ProjectionSystem system, double share) =>
        new VerifyAgainstEvents(system).RunAsync(TallyWorld.Tally, 1, share, CancellationToken.None);

    private static Task<RepairReport> RepairAsync(ProjectionSystem system, RepairScope scope) =>
        new Repair(system).RunAsync(TallyWorld.Tally, 2, scope, World.Anybody, null, CancellationToken.None);
}
