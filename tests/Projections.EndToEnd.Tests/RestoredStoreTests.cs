using Projections.Catalog;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>A store that was restored to an earlier point is recognised, and there is always a way out.</summary>
public sealed class RestoredStoreTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_live_version_that_is_the_only_one_is_built_anew_while_readers_keep_the_rows_that_it_has()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BreakAsync(world);
        var failed = await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        failed.Failure.ShouldEndWith(
            "or build it anew from this one: 'projections rebuild tally --to 1 --anew'. Until you switch, reads stay on the rows that there are.");
        var command = World.Someone with { CommandId = Guid.NewGuid() };

        var begun = await new RebuildCommand { Projection = TallyWorld.Tally, To = 1, Anew = true }.RunAsync(system, command, CancellationToken.None);

        begun.Outcome.ShouldBe($"tally v1 will be rebuilt from {system.Source.Identity}.");
        await world.BecomesAsync("tally", 1, VersionState.Ready);
        (await SumAsync(world, "tally")).ShouldBe(500);
        (await SumAsync(world, "tally_v1")).ShouldBe(400);
        await new RebuildCommand { Projection = TallyWorld.Tally, To = 1, Anew = true }.RunAsync(system, command, CancellationToken.None);
        await World.SwitchAsync(system, "tally", 1);
        (await SumAsync(world, "tally")).ShouldBe(400);
        (await world.Database.ScalarAsync<bool>("select to_regclass('projections.tally_v1') is null")).ShouldBeTrue();
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally", 401L);
    }

    [PostgresFact]
    public async Task Every_command_that_cannot_end_a_broken_live_version_names_the_one_that_can()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BreakAsync(world);
        await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");

        string[] refusals =
        [
            (await Should.ThrowAsync<OperationRefused>(new AbortCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None))).Message,
            (await Should.ThrowAsync<OperationRefused>(new RetireCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None))).Message,
            (await Should.ThrowAsync<OperationRefused>(World.AskToBuildAsync(system, "tally", 1))).Message,
        ];

        refusals.ShouldAllBe(refusal => refusal.Contains("'projections rebuild tally --to 1 --anew'"));
    }

    [PostgresFact]
    public async Task What_stands_on_the_table_of_a_live_version_is_named_before_it_is_built_anew()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BreakAsync(world);
        await world.UntilAsync("tally", 1, version => version is { State: VersionState.Failed, IsLeased: false }, "failed, and let go of");
        await world.Database.ExecuteAsync("create view old_tallies as select * from tally_v1");

        var refused = await Should.ThrowAsync<OperationRefused>(new RebuildCommand { Projection = TallyWorld.Tally, To = 1, Anew = true }.RunAsync(system, World.Someone, CancellationToken.None));

        refused.Message.ShouldBe("Cannot build tally v1 anew: view old_tallies depends on its table tally_v1. Drop or change it first.");
        (await SumAsync(world, "tally_v1")).ShouldBe(500);
    }

    [PostgresFact]
    public async Task A_store_that_was_filled_again_beyond_the_checkpoint_is_recognised_by_the_event_there()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, worker) = await world.BuildBothTalliesAsync();
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 501L);
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync("delete from events.mt_events where seq_id > 400; select setval('events.mt_events_sequence', 400)");
        await world.AddAsync(TallyWorld.StreamOf(1_000), [.. Enumerable.Repeat(1, 200)]);

        world.Start(await world.OpenAsync(TallyWorld.Both));

        foreach (var number in new[] { 1, 2 })
        {
            (await world.UntilAsync("tally", number, version => version.State == VersionState.Failed, "failed")).Failure.ShouldStartWith(
                $"tally v{number} is broken: the event source has another event at position 501 than the one that was folded there. "
                + "The store was restored to an earlier point and filled again, or it is another store.");
        }

        (await SumAsync(world, "tally")).ShouldBe(501);
    }

    [PostgresFact]
    public async Task An_event_that_is_gone_proves_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        var (_, worker) = await world.BuildBothTalliesAsync();
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync("delete from events.mt_events where seq_id = 500");
        await world.AddAsync(TallyWorld.StreamOf(1), 1);

        world.Start(await world.OpenAsync(TallyWorld.Both));

        await world.EventuallyAsync("select sum(total)::bigint from tally", 501L);
        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 501L);
    }

    /// <summary>v1 alone, live, and its store restored to 400 of 500 events.</summary>
    private static async Task<ProjectionSystem> BreakAsync(World world)
    {
        await world.SeedTalliesAsync(500);
        var before = await world.OpenAsync(TallyWorld.Both);
        var worker = world.Start(before);
        await world.BuildAndSwitchAsync(before, "tally", 1);
        await world.StopAsync(worker);
        await world.Database.ExecuteAsync("delete from events.mt_events where seq_id > 400; select setval('events.mt_events_sequence', 400)");
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        return system;
    }

    private static Task<long> SumAsync(World world, string name) => world.Database.ScalarAsync<long>($"select sum(total)::bigint from {name}");
}
