using Projections.Catalog;
using Projections.Definitions;
using Projections.Planning;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd.Marten;

/// <summary>A compacted stream has lost its events: what a rebuild cannot have is found before it.</summary>
public sealed class CompactionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_version_that_does_not_know_the_snapshot_is_refused_before_its_replay()
    {
        await using var world = await CreateAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1)));
        world.Start(system);

        (await new Plan(system).RunAsync(Orders.Name, 1, CancellationToken.None)).Remarks[0].ShouldStartWith(
            $"In marten events.mt_events 1 stream has lost its beginning (1 events): '{OrderStore.Order(1)}' begins at version 2. The events of the type 'Compacted<Order>' stand for what is gone:");
        await World.AskToBuildAsync(system, "orders", 1);
        await Should.ThrowAsync<InvalidOperationException>(() => world.BecomesAsync("orders", 1, VersionState.Ready));

        var failed = (await world.Catalog.ReadAsync(Orders.Name, CancellationToken.None))!.Find(1)!;
        failed.State.ShouldBe(VersionState.Failed);
        failed.Failure.ShouldNotBeNull().ShouldContain("has lost its beginning");
        (await world.Database.ScalarAsync<bool>("select to_regclass('orders_v1') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_version_that_handles_the_snapshot_has_the_rows_of_one_that_saw_the_events()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1), new Orders(2, OrderEvents.WithCompaction)));
        world.Start(system);
        await world.PlaceAsync(1, 10);
        await world.PayAsync(1, 4);
        await world.BuildAndSwitchAsync(system, "orders", 1);
        await world.CompactAsync(1, 10, 4);
        await world.PayAsync(1, 3);

        await world.BuildAsync(system, "orders", 2);

        (await world.Database.ScalarAsync<string>("select concat_ws(' ', total, paid) from orders_v2")).ShouldBe("10 7");
        (await new Verify(system).RunAsync(Orders.Name, 1, 2, TimeSpan.FromSeconds(30), World.Anybody, CancellationToken.None)).Result.Agrees.ShouldBeTrue();
    }

    private async Task<World> CreateAsync()
    {
        var world = await World.CreateAsync(postgres);
        await world.PlaceAsync(1, 10);
        await world.PayAsync(1, 4);
        await world.CompactAsync(1, 10, 4);
        return world;
    }
}
