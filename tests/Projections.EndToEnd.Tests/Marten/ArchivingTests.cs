using Projections.Definitions;
using Projections.Operations;
using Projections.PostgresEvents.Marten;
using Projections.Testing;

namespace Projections.EndToEnd.Marten;

/// <summary>When streams are archived makes no difference to rows.</summary>
public sealed class ArchivingTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_session_that_appends_to_the_stream_that_it_archives_stops_neither_the_live_version_nor_a_rebuild()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1), new Orders(2)));
        await world.PlaceAsync(1);
        await world.PlaceAsync(2);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "orders", 1);

        await world.PayAndArchiveAsync(1, 7);
        await world.EventuallyAsync("select sum(paid)::bigint from orders", 7L);
        await world.BuildAsync(system, "orders", 2);

        await AgreeAsync(system, rows: 2);
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Live_and_rebuilt_rows_agree_while_streams_are_being_archived(bool partitions)
    {
        await using var world = await World.CreateAsync(await postgres.CreateDatabaseAsync(), new MartenLayout { HasArchivePartitions = partitions });
        const int Before = 300;
        for (var order = 0; order < Before; order++)
        {
            await world.PlaceAsync(order);
        }

        for (var order = 0; order < Before; order += 3)
        {
            await world.Store.ArchiveAsync(OrderStore.Order(order));
        }

        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1), new Orders(2)));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "orders", 1);
        using var stop = new CancellationTokenSource();
        var archiving = KeepArchivingAsync(world, Before, stop.Token);
        await world.BuildAsync(system, "orders", 2);

        for (var run = 0; run < 20; run++)
        {
            await AgreeAsync(system);
        }

        await stop.CancelAsync();
        var placed = await archiving;
        placed.ShouldBeGreaterThan(Before);
        await world.EventuallyAsync("select count(*) from orders_v1", (long)placed);
        await AgreeAsync(system, placed);
    }

    private static async Task AgreeAsync(ProjectionSystem system, long? rows = null)
    {
        var report = await new Verify(system).RunAsync(Orders.Name, 1, 2, TimeSpan.FromSeconds(30), World.Someone, CancellationToken.None);
        report.Result.Agrees.ShouldBeTrue();
        report.Result.RowsOfLater.ShouldBe(rows ?? report.Result.RowsOfEarlier);
    }

    /// <summary>Orders are placed, paid, and archived in every order of things that Marten allows.</summary>
    private static async Task<int> KeepArchivingAsync(World world, int next, CancellationToken stop)
    {
        for (; !stop.IsCancellationRequested; next++)
        {
            await world.PlaceAsync(next);
            await world.PayAsync(next);
            await world.PayAsync(next - 1);
            await world.Store.ArchiveAsync(OrderStore.Order(next - 1), cancellationToken: CancellationToken.None);
        }

        return next;
    }
}
