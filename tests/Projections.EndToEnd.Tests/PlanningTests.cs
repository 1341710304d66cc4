using Projections.EndToEnd.Tallies;
using Projections.Planning;
using Projections.PostgresEvents.Marten;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

public sealed class PlanningTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_dry_run_finds_all_events_that_would_fail_the_types_nobody_handles_and_the_columns_never_set_and_leaves_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var broken = TallyWorld.StreamOf(200);
        await world.Store.AppendAsync(
            new(broken), [(TallyEvents.Added, """{"amount":"many"}"""), (TallyEvents.Added, """{"amount":13}"""), ("unheard-of", "{}"), ("unheard-of", "{}")]);
        await world.AddAsync(TallyWorld.StreamOf(201), 13);
        var system = await world.OpenAsync(Projections.Definitions.ProjectionRegistry.Of(
            new TallyV1 { Folding = amount => _ = amount == 13 ? throw new InvalidOperationException("Not 13.") : amount }));

        var report = await new DryRun(system).RunAsync(TallyWorld.Tally, 1, 1, CancellationToken.None);

        report.EventsRead.ShouldBe(505);
        report.EventsFolded.ShouldBe(503);
        report.Rows.ShouldBe(100);
        report.Failures.Select(failure => (failure.Type, failure.Stage, failure.Events)).ShouldBe(
            [(TallyEvents.Added, Projections.Definitions.PoisonStage.Fold, 2L), (TallyEvents.Added, Projections.Definitions.PoisonStage.Decode, 1L)]);
        report.UnhandledTypes.ShouldBe(new Dictionary<string, long> { ["unheard-of"] = 2 });
        report.ColumnsNeverSet.ShouldBeEmpty();
        report.EstimatedBytes.ShouldBeGreaterThan(0);
        report.EventsPerSecond.ShouldBeGreaterThan(0);
        report.Problem.ShouldBeNull();
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v1') is null")).ShouldBeTrue();
        (await world.Database.ScalarAsync<long>("select count(*) from projections.version")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_dry_run_of_a_sample_estimates_the_whole()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.Store.SeedAsync(Enumerable.Range(0, 8_000).Select(i =>
            new MartenEvent(new(TallyWorld.StreamOf(i % 2_000)), (i / 2_000) + 1, TallyEvents.Added, """{"amount":0}""", DateTime.UnixEpoch)));
        var system = await world.OpenAsync(TallyWorld.Both);

        var report = await new DryRun(system).RunAsync(TallyWorld.Tally, 2, 0.25, CancellationToken.None);

        report.EventsRead.ShouldBe(8_000);
        report.Rows.ShouldBeInRange(300, 700);
        report.EventsFolded.ShouldBe(report.Rows * 4);
        report.ColumnsNeverSet.ShouldBe(["total", "biggest"]);
    }

    [PostgresFact]
    public async Task A_plan_says_what_is_replayed_and_what_readers_will_notice()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        var before = await new Plan(system).RunAsync(TallyWorld.Tally, null, CancellationToken.None);

        before.Version.Number.ShouldBe(2);
        before.Live.ShouldBe(1);
        before.Replay.ShouldBe(ReplayNeed.Full);
        before.Events.ShouldBe(new Dictionary<string, long> { [TallyEvents.Added] = 500 });
        before.Duration!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        before.Bytes!.Value.ShouldBeGreaterThan(0);
        before.Contract!.Manner.ShouldBe(ChangeManner.Replaced);
        before.Contract.Gained.ShouldBe(["biggest"]);
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v2') is null")).ShouldBeTrue();

        await world.BuildAndSwitchAsync(system, "tally", 2);
        await world.Database.ExecuteAsync("create view big_tallies as select * from tally where biggest > 1");
        var back = await new Plan(system).RunAsync(TallyWorld.Tally, 1, CancellationToken.None);

        back.Replay.ShouldBe(ReplayNeed.None);
        back.EventsInAll.ShouldBe(0);
        back.Contract!.Lost.ShouldBe(["biggest"]);
        back.Dependants.ShouldBe(["view big_tallies"]);
        back.Remarks.ShouldContain(remark => remark.StartsWith("The switch will be refused while these depend on 'tally': view big_tallies."));
    }
}
