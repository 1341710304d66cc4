using Projections.Commands;
using Projections.Definitions;
using Projections.Planning;
using Projections.PostgresEvents.Marten;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd.Marten;

/// <summary>A store in which each tenant has streams of its own, two of them of the same name.</summary>
public sealed class TenantTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task Rows_found_by_stream_alone_are_refused_and_the_way_out_is_named()
    {
        await using var world = await CreateAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1)));
        const string Mixed = "In marten events.mt_events each tenant has streams of its own, and rows found ByStream() would be shared by tenants that have a stream of the same name. "
            + "Use ByTenantAndStream(); or, if no two tenants have such a stream, override StreamsAreUniqueOverTenants.";

        (await Should.ThrowAsync<OperationRefused>(() => World.AskToBuildAsync(system, "orders", 1))).Message.ShouldBe($"Cannot rebuild orders v1: {Mixed}");
        (await new Plan(system).RunAsync(Orders.Name, 1, CancellationToken.None)).Remarks.ShouldContain(Mixed);
    }

    [PostgresFact]
    public async Task Each_tenant_has_its_own_row_which_can_be_explained_and_repaired()
    {
        await using var world = await CreateAsync();
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TenantOrders(1)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "orders", 1);
        await world.PayAsync(1, 7, "two");
        await world.EventuallyAsync("select string_agg(concat_ws(' ', tenant, total, paid), ', ' order by tenant) from orders", "one 10 0, two 20 7");

        await world.Database.ExecuteAsync("update orders_v1 set paid = 99 where tenant = 'two'");
        var key = $"two, {OrderStore.Order(1)}";
        var explained = await new Explain(system).RunAsync(Orders.Name, key, null, null, CancellationToken.None);
        explained.Streams.ShouldBe([OrderStore.Order(1).Text]);
        await new Repair(system).RunAsync(Orders.Name, 1, new RepairScope { Keys = [key] }, World.Anybody, null, CancellationToken.None);
        await world.EventuallyAsync("select string_agg(concat_ws(' ', tenant, total, paid), ', ' order by tenant) from orders", "one 10 0, two 20 7");
    }

    [PostgresFact]
    public async Task A_version_that_says_that_names_are_unique_is_built()
    {
        await using var world = await CreateAsync();
        await world.Database.ExecuteAsync("delete from events.mt_events where tenant_id = 'two'");
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1) { AreUnique = true }));
        world.Start(system);

        await world.BuildAsync(system, "orders", 1);

        (await world.Database.ScalarAsync<long>("select total from orders_v1")).ShouldBe(10);
    }

    [PostgresFact]
    public async Task A_store_with_one_tenant_asks_for_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.PlaceAsync(1, 10);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1)));

        (await new Plan(system).RunAsync(Orders.Name, 1, CancellationToken.None)).Remarks.ShouldNotContain(remark => remark.Contains("tenant"));
    }

    private async Task<World> CreateAsync()
    {
        var world = await World.CreateAsync(await postgres.CreateDatabaseAsync(), new MartenLayout { IsConjoined = true });
        await world.PlaceAsync(1, 10, "one");
        await world.PlaceAsync(1, 20, "two");
        return world;
    }
}
