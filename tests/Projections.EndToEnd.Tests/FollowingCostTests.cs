using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>What following costs in statements, and that nothing is missed or written for their being few.</summary>
public sealed class FollowingCostTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    /// <summary>In every look at the catalog, a worker's for all its projections or a lockstep's for one.</summary>
    private const string Look = "select projection, number from projections.dead_letter";

    private const string Checkpoint = "set position_major";

    [PostgresFact]
    public async Task A_signal_costs_a_worker_one_look_however_many_projections_it_follows()
    {
        const int Projections = 12;
        const int Signals = 20;
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(100);
        // Leases so long that nothing but signals makes the worker look within the test.
        var system = await world.OpenAsync(
            ProjectionRegistry.Of(Enumerable.Range(1, Projections).Select(number => new NumberedTally(number))),
            options => (options.LeaseDuration, options.ConcurrentRebuilds) = (TimeSpan.FromMinutes(5), Projections));
        world.Start(system);
        foreach (var number in Enumerable.Range(1, Projections))
        {
            await World.AskToBuildAsync(system, NumberedTally.NameOf(number), 1);
        }

        foreach (var number in Enumerable.Range(1, Projections))
        {
            await world.BecomesAsync(NumberedTally.NameOf(number), 1, VersionState.Ready);
        }

        using var sent = new SentStatements(world.Database.Name);
        for (var signal = 1; signal <= Signals; signal++)
        {
            var looked = sent.NextAsync(text => text.StartsWith(Look, StringComparison.Ordinal));
            await world.Database.ExecuteAsync("notify projections, 'nothing'");
            await looked;
        }

        // One a signal, and those to which the last versions' becoming ready still leads.
        sent.Count(Look).ShouldBeInRange(Signals, Signals + (2 * Projections));
    }

    [PostgresFact]
    public async Task A_commit_of_few_rows_is_one_round_trip_for_all_followed_versions()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 501L);

        using var sent = new SentStatements(world.Database.Name);
        var committed = sent.NextAsync(text => text.Contains(Checkpoint, StringComparison.Ordinal));
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 502L);
        await committed;

        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(502);
        sent.Count("savepoint").ShouldBe(0);
        sent.Count("insert into \"public\".\"tally_v1\"").ShouldBe(1);
        sent.Count(Checkpoint).ShouldBe(1, "rows of both versions and their checkpoints go together");
    }

    [PostgresFact]
    public async Task A_follower_whose_lease_was_taken_writes_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        using var log = new RecordedLog();
        var system = await world.OpenAsync(TallyWorld.Both, options => options.LeaseDuration = TimeSpan.FromMinutes(5), loggers: log);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        await world.Database.ExecuteAsync(
            $$"""
            begin;
            update projections.version set lease_holder = 'another', lease_epoch = lease_epoch + 1, lease_until = now() + interval '1 hour'
            where projection = 'tally';
            insert into events.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, mt_dotnet_type)
            select nextval('events.mt_events_sequence'), gen_random_uuid(), stream_id, version + 1000, data, type, now(), tenant_id, mt_dotnet_type
            from events.mt_events where stream_id = '{{TallyWorld.StreamOf(1)}}' order by version limit 1;
            commit
            """);
        // By the event, by a look at the catalog that came before it, or by the lease's beat.
        await Deadline.UntilAsync(
            () => string.Join('\n', log.Lines),
            said => said.Contains("was lost", StringComparison.Ordinal) || said.Contains("taken over", StringComparison.Ordinal),
            "notice that its lease was lost");

        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(500);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(500);
        (await world.Database.ScalarAsync<long>("select count(distinct position_major) from projections.version where projection = 'tally'")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task A_candidate_whose_rows_cannot_be_written_drops_out_and_the_live_version_goes_on()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync("alter table tally_v2 add constraint small check (total < 100)");

        await world.AddAsync(TallyWorld.StreamOf(1), 100);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 600L);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 601L);

        var failed = await world.UntilAsync("tally", 2, version => version.State == VersionState.Failed, "failed");
        failed.Failure!.ShouldContain("small");
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(500);
    }

    [PostgresFact]
    public async Task What_a_candidate_sets_aside_is_kept_although_it_changes_no_row()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), new NarrowTallyV2()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        var position = await world.AddAsync(TallyWorld.StreamOf(1), 1_000);

        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 1_500L);
        (await world.Database.ScalarAsync<long>("select position_major from projections.dead_letter where number = 2")).ShouldBe(position);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_candidate_whose_rows_are_written_too_slowly_drops_out_and_the_live_version_goes_on()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(TallyWorld.Both, options => options.CandidateShare = TimeSpan.FromSeconds(1));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        await world.Database.ExecuteAsync(
            """
            create function crawl() returns trigger language plpgsql as $$ begin perform pg_sleep(0.6); return new; end $$;
            create trigger crawl before insert on tally_v2 for each row execute function crawl()
            """);

        // Each row for itself stays below the share; what they take together does not.
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token, TimeSpan.FromMilliseconds(50));
        await world.UntilAsync("tally", 2, version => version.DropOuts > 0, "out of the lockstep");
        await stop.CancelAsync();
        var added = await adding;

        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 500L + added);
        await world.Database.ExecuteAsync("drop trigger crawl on tally_v2");
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 500L + added);
    }

    [PostgresFact]
    public async Task What_was_asked_while_nobody_listened_is_done_all_the_same()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await world.Database.ExecuteAsync($"update tally_v2 set total = 1000 where id = '{TallyWorld.StreamOf(9)}'");

        // Without the notification that comes with a command.
        await world.Database.ExecuteAsync(
            $$"""insert into projections.repair (projection, number, keys, who) values ('tally', 2, '[["{{TallyWorld.StreamOf(9)}}"]]', 'test')""");

        await world.EventuallyAsync("select status from projections.repair", "done");
        (await world.Database.ScalarAsync<long>($"select total from tally_v2 where id = '{TallyWorld.StreamOf(9)}'")).ShouldBe(5);
    }
}
