using Projections.Catalog;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.LocalPostgres;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>PostgreSQL stops immediately, in the middle of everything, and comes back: the worker recovers by itself.</summary>
public sealed class ServerFaultTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact(OwnCluster = true)]
    public async Task A_server_that_stops_at_once_and_starts_again_costs_nothing_but_time()
    {
        await using var cluster = await postgres.OwnClusterAsync(new LocalPostgresOptions { Durable = true });
        await using var world = await World.CreateAsync(await PostgresFixture.CreateDatabaseAsync(cluster));
        await world.SeedTalliesAsync(50_000);
        var system = await world.OpenAsync(TallyWorld.Both, options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(100));
        world.Start(system);

        await World.AskToBuildAsync(system, "tally", 1, throttle: 20_000);
        await world.UntilAsync("tally", 1, version => version.Checkpoint > new EventPosition(5_000), "well begun");
        await RestartAsync(cluster, world);
        await world.UntilAsync("tally", 1, version => version.Checkpoint > new EventPosition(20_000), "going on");
        await RestartAsync(cluster, world);
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        await World.SwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);

        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await RestartAsync(cluster, world);
        await world.AddAsync(TallyWorld.StreamOf(2), 1);

        await world.EventuallyAsync("select sum(total)::bigint from tally", 50_002L);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 50_002L);
        (await world.Database.ScalarAsync<long>("select count(*) from tally_v2 where events <> total")).ShouldBe(0);
    }

    private static async Task RestartAsync(LocalPostgresCluster cluster, World world)
    {
        await cluster.StopAsync(StopMode.Immediate);
        await cluster.StartAgainAsync();
        // The test's own connections are dead, too; the worker has to find that out for itself.
        world.Sql.Clear();
    }
}
