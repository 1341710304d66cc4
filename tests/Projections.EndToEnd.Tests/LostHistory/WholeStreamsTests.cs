using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.LateEvents;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.EventStoreDb;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;
using Projections.Planning;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.LostHistory;

/// <summary>What a version says of streams without a beginning counts for no other: a row that is missing in a whole stream is a bug, and stops it.</summary>
public sealed class WholeStreamsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionName Strict = new("strict_tally");

    [PostgresTheory]
    [InlineData(StreamsWithoutBeginning.Skip, new[] { "11" })]
    [InlineData(StreamsWithoutBeginning.Fold, new[] { "2", "11" })]
    public async Task In_Marten_a_stream_that_was_cut_is_left_out_or_folded_and_one_that_never_had_a_row_stops_the_version(StreamsWithoutBeginning choice, string[] totals)
    {
        await using var world = await World.CreateAsync(postgres);
        Task AppendAsync(int stream, params (string Type, int Amount)[] events) =>
            world.Store.AppendAsync(new StreamId(TallyWorld.StreamOf(stream)), [.. events.Select(one => (one.Type, $$"""{"amount":{{one.Amount}}}"""))]);
        await AppendAsync(1, (StrictTally.Opened, 10), (TallyEvents.Added, 1));
        await AppendAsync(2, (StrictTally.Opened, 5), (TallyEvents.Added, 1), (TallyEvents.Added, 2));
        await world.Database.ExecuteAsync($"delete from events.mt_events where stream_id = '{TallyWorld.StreamOf(2)}' and version < 3");
        var system = await world.OpenAsync(ProjectionRegistry.Of(new StrictTally { Choice = choice }));
        world.Start(system);

        var plan = await new Plan(system).RunAsync(Strict, 1, CancellationToken.None);
        await world.BuildAsync(system, Strict.Value, 1);

        plan.Remarks.ShouldContain(remark => remark.Contains($"1 stream has lost its beginning (2 events): '{TallyWorld.StreamOf(2)}' begins at version 3") && remark.Contains($"{choice}"));
        (await world.ColumnAsync("select t.total::text from strict_tally_v1 t order by t.total")).ShouldBe(totals);

        await AppendAsync(3, ("unheard-of", 0), (TallyEvents.Added, 7));
        await StopsAsync(world, 3);
    }

    [PostgresTheory]
    [InlineData(StreamsWithoutBeginning.Skip)]
    [InlineData(StreamsWithoutBeginning.Fold)]
    public async Task In_EventStoreDB_a_stream_that_never_had_a_row_stops_the_version(StreamsWithoutBeginning choice)
    {
        await using var node = await TestNode.StartAsync();
        await using var world = await World.CreateAsync(postgres);
        node.Log.Append($"tally-{TallyWorld.StreamOf(3)}", TestEvent.Json("unheard-of", "{}"), TestEvent.Json(TallyEvents.Added, """{"amount":7}"""));
        var source = await EventStoreDbSource.OpenAsync(node.ConnectionString, new EventStoreDbSourceOptions { StreamsAreUuids = true });
        var system = await world.OpenAsync(ProjectionRegistry.Of(new StrictTally { Choice = choice }), source: source);
        world.Start(system);

        await World.AskToBuildAsync(system, Strict.Value, 1);

        await StopsAsync(world, 3);
    }

    private static async Task StopsAsync(World world, int stream)
    {
        var failed = await world.UntilAsync(Strict.Value, 1, version => version.State == VersionState.Failed, "failed");
        failed.Failure!.ShouldContain($"there is no row {TallyWorld.StreamOf(stream)} to update");
    }
}
