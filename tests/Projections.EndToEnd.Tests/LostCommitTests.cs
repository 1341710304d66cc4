using Microsoft.Extensions.Logging.Abstractions;
using Projections.EndToEnd.Tallies;
using Projections.Faults;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.TestServers.Faults;

namespace Projections.EndToEnd;

/// <summary>The connection breaks while a switch is committed: nobody is told anything that is not known.</summary>
public sealed class LostCommitTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly SwitchCommand Impatient = new() { Patience = TimeSpan.FromMilliseconds(500) };

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_switch_whose_outcome_cannot_be_found_out_is_told_as_unknown_and_can_be_asked_for_again(bool commitArrives)
    {
        await using var world = await World.CreateAsync(postgres);
        await world.BuildBothTalliesAsync();
        await using var way = FaultyProxy.ToPostgres(world.Database.ConnectionString);
        await using var system = await OpenAsync(world, way);
        var context = World.Someone with { CommandId = Guid.NewGuid() };
        await new ReadSwitch(system).CheckAsync(new(TallyWorld.Tally, 2), Impatient, CancellationToken.None);
        LoseTheSwitch(way, commitArrives);

        var unknown = await Should.ThrowAsync<OutcomeUnknown>((Impatient with { Projection = TallyWorld.Tally, To = 2 }).RunAsync(system, context, CancellationToken.None));

        unknown.Message.ShouldStartWith("It is not known whether reads of 'tally' went to v2: the connection broke while the switch was committed, and it could not be found out since (");
        unknown.Message.ShouldEndWith("look at 'projections status tally': if v2 is live, the switch took place; if not, nothing was changed, and you can give the command again.");
        await world.EventuallyAsync("select number from projections.version where role = 'live'", commitArrives ? 2 : 1);
        way.Mend();
        (await new SwitchCommand { Projection = TallyWorld.Tally, To = 2 }.RunAsync(system, context, CancellationToken.None)).AlreadyDone.ShouldBe(commitArrives);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.switch where to_version = 2")).ShouldBe(1);
    }

    [PostgresTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_switch_whose_connection_comes_back_in_time_says_what_happened(bool commitArrives)
    {
        await using var world = await World.CreateAsync(postgres);
        var (direct, _) = await world.BuildBothTalliesAsync();
        await using var way = FaultyProxy.ToPostgres(world.Database.ConnectionString);
        await using var system = await OpenAsync(world, way);
        LoseTheSwitch(way, commitArrives);

        var switching = World.SwitchAsync(system, "tally", 2);
        await way.Happened;
        if (commitArrives)
        {
            // It took place, and somebody undid it: it is not to be done again.
            await world.EventuallyAsync("select number from projections.version where role = 'live'", 2);
            await World.SwitchAsync(direct, "tally", 1);
        }

        way.Mend();

        var result = await switching;
        (result.AlreadyDone, result.From, result.To, result.Generation).ShouldBe((false, 1, 2, 2));
        (await world.Database.ScalarAsync<int>("select number from projections.version where role = 'live'")).ShouldBe(commitArrives ? 1 : 2);
    }

    /// <summary>The connection breaks at the commit of the next switch, and nobody gets through after that.</summary>
    private static void LoseTheSwitch(FaultyProxy way, bool commitArrives)
    {
        var fault = (commitArrives ? WireFault.BreakAfter : WireFault.BreakBefore) with { Shuts = true };
        // The driver's own are in capitals.
        way.FaultAt = statement => statement.Text.Trim() == "commit" ? fault : null;
    }

    private static async Task<ProjectionSystem> OpenAsync(World world, FaultyProxy way)
    {
        var source = await PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });
        return new ProjectionSystem(TallyWorld.Both, way.Through(world.Database.ConnectionString), source, new ProjectionsOptions(), NullLoggerFactory.Instance);
    }
}
