using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>Several workers, one after the other and beside each other.</summary>
public sealed class FleetTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Two_workers_share_a_version_by_its_lease_and_the_second_takes_over_when_the_first_stops()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(20_000);
        var (first, second) = (await world.OpenAsync(TallyWorld.Both), await world.OpenAsync(TallyWorld.Both));
        var worker = world.Start(first);
        // So slow that it is not over before the second takes it on, however busy the machine.
        await World.AskToBuildAsync(first, "tally", 1, throttle: 100);
        await world.UntilAsync("tally", 1, version => version.LeaseHolder == first.Name && version.EventsInProgress > 0, "worked on by the first");
        world.Start(second);

        await world.StopAsync(worker);

        var taken = await world.UntilAsync("tally", 1, version => version.LeaseHolder == second.Name, "taken over");
        taken.Checkpoint.ShouldNotBeNull("a worker that stops commits what it has folded");
        await new Operations.SetThrottleCommand { Projection = TallyWorld.Tally }.RunAsync(second, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(20_000);
    }

    [PostgresFact]
    public async Task Following_moves_to_another_worker_and_nothing_is_folded_twice()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var (first, second) = (await world.OpenAsync(TallyWorld.Both), await world.OpenAsync(TallyWorld.Both));
        var worker = world.Start(first);
        await world.BuildAndSwitchAsync(first, "tally", 1);
        await world.BuildAsync(first, "tally", 2);
        world.Start(second);
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);

        await world.UntilAsync("tally", 1, version => version.Checkpoint > new EventPosition(700), "further");
        await world.StopAsync(worker);
        await world.UntilAsync("tally", 1, version => version.LeaseHolder == second.Name && version.Checkpoint > new EventPosition(1_200), "followed by the second");

        await stop.CancelAsync();
        var added = await adding;
        await world.EventuallyAsync("select sum(total)::bigint from tally_v1", 500L + added);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(500 + added);
    }

    [PostgresFact]
    public async Task A_worker_whose_lease_was_taken_cannot_write()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(20_000);
        // Renewed so seldom that it is the worker's next commit, and not the lease's keeper, that finds out.
        var system = await world.OpenAsync(
            TallyWorld.Both, options => (options.ReplayCommitInterval, options.LeaseDuration) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10)));
        world.Start(system);
        await World.AskToBuildAsync(system, "tally", 1, throttle: 100);
        await world.UntilAsync("tally", 1, version => version.Checkpoint > new EventPosition(0), "begun");

        // Its next commit is held in the middle, and meanwhile another worker, as the catalog sees it, gets the lease with a new epoch.
        await using var holder = await world.ConnectAsync("holder");
        var hold = await holder.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("lock table tally_v1 in share row exclusive mode", holder))
        {
            await command.ExecuteNonQueryAsync();
        }

        await world.EventuallyAsync("select exists (select from pg_locks where relation = 'tally_v1'::regclass and not granted)", true);
        var before = await world.Database.ScalarAsync<long>(
            """
            update projections.version set lease_holder = 'another', lease_epoch = lease_epoch + 1, lease_until = now() + interval '1 hour'
            where projection = 'tally' and number = 1 returning position_major
            """);
        using var sent = new SentStatements(world.Database.Name);
        var proving = sent.NextAsync(text => text.Contains("set position_major", StringComparison.Ordinal));
        await hold.RollbackAsync();
        await proving;

        await world.EventuallyAsync("select exists (select from pg_locks where relation = 'tally_v1'::regclass and mode = 'RowExclusiveLock')", false);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(before);
        (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(1)!.LeaseHolder.ShouldBe("another");
    }

    [PostgresFact]
    public async Task A_worker_that_does_not_know_a_version_leaves_it_to_one_that_does()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var older = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1()));
        var newer = await world.OpenAsync(TallyWorld.Both);
        world.Start(older);
        await world.BuildAndSwitchAsync(older, "tally", 1);
        await World.AskToBuildAsync(newer, "tally", 2);

        world.Start(newer);

        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await World.SwitchAsync(newer, "tally", 2)).To.ShouldBe(2);
    }

    [PostgresFact]
    public async Task A_release_that_is_taken_back_does_not_stop_the_live_version()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, newer) = await world.BuildBothTalliesAsync();
        await world.StopAsync(newer);

        world.Start(await world.OpenAsync(ProjectionRegistry.Of(new TallyV1())));

        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally", 501L);
        (await world.Catalog.ReadAsync(TallyWorld.Tally, CancellationToken.None))!.Find(2)!.State.ShouldBe(VersionState.CatchingUp);
        world.Start(await world.OpenAsync(TallyWorld.Both));
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(501);
    }
}
