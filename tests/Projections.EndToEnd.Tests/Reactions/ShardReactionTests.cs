using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.Reactions;

/// <summary>Reactions that are on while a version is replayed in shards, which joins the lockstep afterwards.</summary>
public sealed class ShardReactionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int History = 10_000;

    private static ProjectionRegistry Reacting => TallyWorld.Both.WithReactions(new TallyMail());

    [PostgresFact]
    public async Task A_replay_in_shards_beside_the_live_version_sends_nothing_and_whichever_is_live_each_event_has_its_message_once()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await LiveAsync(world);
        var since = await world.StartReactionsAsync(system);
        world.Start(await world.OpenAsync(Reacting));
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token, TimeSpan.FromMilliseconds(5));

        await AskAsync(system, shards: 4, throttle: 2_000);
        await world.EventuallyAsync("select count(*) from projections.shard where position_major > 0", 4L);
        await world.EventuallyAsync("select count(*) > 20 from projections.message", true);
        var early = await world.Database.ScalarAsync<long>($"select count(*) from projections.message where position_major <= {since}");
        await new SetThrottleCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        foreach (var version in (int[])[2, 1, 2])
        {
            await World.SwitchAsync(system, "tally", version);
            await SeesMoreAsync(world);
        }

        await stop.CancelAsync();
        (await adding).ShouldBeGreaterThan(40);
        await world.AtTheHeadAsync();
        early.ShouldBe(0);
        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(since));
        (await world.Database.ScalarAsync<long>("select count(*) from projections.held_message")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task What_only_shards_have_folded_while_the_live_version_stood_still_has_its_messages_when_reads_are_switched()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await LiveAsync(world);
        var since = await world.StartReactionsAsync(system);
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Paused);
        foreach (var stream in Enumerable.Range(0, 40))
        {
            await world.AddAsync(TallyWorld.StreamOf(stream), 2, 3);
        }

        // Their end is behind all of these.
        await AskAsync(system, shards: 4);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        var sent = await world.MessagesAsync();
        var held = await world.Database.ScalarAsync<long>("select count(*) from projections.held_message");
        await World.SwitchAsync(system, "tally", 2);
        await world.AddAsync(TallyWorld.StreamOf(1), 4);
        await world.AtTheHeadAsync();

        sent.ShouldBeEmpty();
        held.ShouldBe(80);
        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(since));
        (await world.Database.ScalarAsync<long>("select count(*) from projections.held_message")).ShouldBe(0);
    }

    private static async Task<ProjectionSystem> LiveAsync(World world)
    {
        await world.SeedTalliesAsync(History);
        var system = await world.OpenAsync(Reacting);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        return system;
    }

    private static Task<Commands.OperationResult> AskAsync(ProjectionSystem system, int shards, int? throttle = null) =>
        new RebuildCommand { Projection = TallyWorld.Tally, To = 2, Shards = shards, Throttle = throttle }.RunAsync(system, World.Someone, CancellationToken.None);

    private static async Task SeesMoreAsync(World world)
    {
        var before = await world.Database.ScalarAsync<long>("select count(*) from projections.message");
        await world.EventuallyAsync($"select count(*) > {before + 20} from projections.message", true);
    }
}
