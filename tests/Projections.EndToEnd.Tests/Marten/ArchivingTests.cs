using Projections.Checks;
using Projections.Definitions;
using Projections.Planning;
using Projections.PostgresEvents.Marten;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

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

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_that_are_to_go_with_their_streams_go_live_and_in_a_rebuild_alike(bool partitions)
    {
        await using var world = await World.CreateAsync(await postgres.CreateDatabaseAsync(), new MartenLayout { HasArchivePartitions = partitions });
        const int Before = 300;
        for (var order = 0; order < Before; order++)
        {
            await world.PlaceAsync(order);
        }

        for (var order = 0; order < Before; order += 3)
        {
            await EndAsync(world, order, partitions);
        }

        var system = await world.OpenAsync(ProjectionRegistry.Of(
            new Orders(1) { OfArchived = ArchivedStreams.Remove }, new Orders(2) { OfArchived = ArchivedStreams.Remove }));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "orders", 1);
        using var stop = new CancellationTokenSource();
        var ending = KeepEndingAsync(world, Before, partitions, stop.Token);
        await world.BuildAsync(system, "orders", 2);

        for (var run = 0; run < 20; run++)
        {
            await AgreeAsync(system);
        }

        await stop.CancelAsync();
        (await ending).ShouldBeGreaterThan(Before);
        await world.EventuallyAsync("select count(*) from orders_v1", (long)(Before / 3 * 2));
        await AgreeAsync(system, Before / 3 * 2);
    }

    [PostgresFact]
    public async Task Rows_cannot_go_with_streams_that_were_archived_in_silence()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.PlaceAsync(1);
        await world.PlaceAsync(2);
        await world.PlaceAsync(3);
        await world.EndAsync(1, inOneSession: true);
        await world.PayAndArchiveAsync(2);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1) { OfArchived = ArchivedStreams.Remove }));

        (await new Plan(system).RunAsync(Orders.Name, 1, CancellationToken.None)).Remarks.ShouldContain(
            $"In marten events.mt_events 1 streams are archived without an event 'archived', '{OrderStore.Order(2)}' for one, and nothing says at which position their rows are to go. "
            + "Append Marten's Archived to a stream before it is archived; for those that are, say ArchivedStreams.Keep.");
    }

    [PostgresFact]
    public async Task A_check_finds_streams_that_are_archived_in_silence_when_they_are_followed_already()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.PlaceAsync(1);
        await world.PlaceAsync(2);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new Orders(1) { OfArchived = ArchivedStreams.Remove }));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "orders", 1);
        (await FindingsAsync(system)).ShouldNotContain(finding => finding.Rule == "archived-streams");

        await world.PayAndArchiveAsync(2);

        var found = (await FindingsAsync(system)).Single(finding => finding.Rule == "archived-streams");
        found.Verdict.ShouldBe(Verdict.Broken);
        found.Problem.ShouldContain($"1 streams are archived without an event 'archived', '{OrderStore.Order(2)}' for one");
        found.Problem.ShouldEndWith("orders v1 still has those rows, and cannot be built anew.");
    }

    private static async Task<IReadOnlyList<Finding>> FindingsAsync(ProjectionSystem system) =>
        (await new CheckCommand { Projection = Orders.Name }.RunAsync(system, World.Someone, CancellationToken.None)).Versions.Single().Findings;

    private static async Task AgreeAsync(ProjectionSystem system, long? rows = null)
    {
        var report = await new Verify(system).RunAsync(Orders.Name, 1, 2, TimeSpan.FromSeconds(30), World.Anybody, CancellationToken.None);
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

    /// <summary>Each order is placed, paid and ended; what is left is what was there before.</summary>
    private static async Task<int> KeepEndingAsync(World world, int next, bool partitions, CancellationToken stop)
    {
        for (; !stop.IsCancellationRequested; next++)
        {
            await world.PlaceAsync(next);
            await world.PayAsync(next);
            await EndAsync(world, next, partitions);
        }

        return next;
    }

    /// <summary>In one session or in two, as Marten allows: between partitions one session would break the key to the stream.</summary>
    private static Task EndAsync(World world, int order, bool partitions) => world.EndAsync(order, inOneSession: !partitions && order % 2 == 0);
}
