using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.LifeCycle;

/// <summary>What a lockstep does for one version alone stops nobody else, whatever it meets.</summary>
public sealed class GuestTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const int Bad = 666;

    [PostgresFact]
    public async Task An_event_that_a_candidate_refuses_between_its_offer_and_its_entry_fails_it_and_nothing_else()
    {
        await using var world = await World.CreateAsync(postgres);
        var second = new TallyV2 { Folding = amount => ThrowIf(amount == Bad) };
        var (system, worker, at) = await OfferAsync(world, second);
        var failed = await world.UntilAsync("tally", 2, version => version.Phase == VersionPhase.Failed, "failed");
        failed.FailurePosition.ShouldBe(at);
        await world.UntilAsync("tally", 2, version => !version.IsLeased, "let go of");
        await FollowsAsync(world);
        await new AbortCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await world.Database.ScalarAsync<bool>("select to_regclass('tally_v2') is null")).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_handler_that_never_returns_at_the_entry_holds_nobody_up()
    {
        await using var world = await World.CreateAsync(postgres);
        using var never = new ManualResetEventSlim();
        var second = new TallyV2 { Folding = amount => WaitIf(amount == Bad, never) };
        var (_, _, at) = await OfferAsync(world, second);
        var turnedAway = await world.UntilAsync("tally", 2, version => version.DropOuts > 0 && version.Phase == VersionPhase.CatchingUp, "turned away");
        (turnedAway.Checkpoint < at).ShouldBeTrue();
        string.Join("\n", await world.AuditAsync("tally", 2)).ShouldContain("GuestLimit");
        await FollowsAsync(world);
        never.Set();
    }

    [PostgresFact]
    public async Task A_dead_letter_that_the_table_refuses_waits_again_with_the_reason_and_the_live_version_goes_on()
    {
        await using var world = await World.CreateAsync(postgres);
        var folds = false;
        var (system, at) = await SetAsideAsync(world, new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => ThrowIf(amount == Bad && !folds) });
        folds = true;
        await world.Database.ExecuteAsync($"alter table tally_v1 add constraint not_so_many check (total < {Bad})");
        await new RetryDeadLettersCommand { Projection = TallyWorld.Tally, Version = 1, Position = at }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'waiting' and attempts = 2 and error like '%not_so_many%'", 1L);
        await FollowsAsync(world);
        await new DiscardDeadLettersCommand { Projection = TallyWorld.Tally, Version = 1, Position = at }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'discarded'", 1L);
    }

    [PostgresFact]
    public async Task Of_many_dead_letters_one_that_the_table_refuses_holds_up_none_of_the_others()
    {
        await using var world = await World.CreateAsync(postgres);
        var folds = false;
        var (system, _) = await SetAsideAsync(world, new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => ThrowIf(amount >= Bad && !folds) });
        await world.AddAsync(TallyWorld.StreamOf(2), Bad + 1);
        await world.AddAsync(TallyWorld.StreamOf(3), Bad + 2);
        await world.EventuallyAsync("select count(*) from projections.dead_letter", 3L);
        folds = true;
        await world.Database.ExecuteAsync($"alter table tally_v1 add constraint not_this check (total <> 5 + {Bad + 2})");
        await new RetryDeadLettersCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'resolved'", 2L);
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'waiting' and error like '%not_this%'", 1L);
        await FollowsAsync(world);
    }

    [PostgresFact]
    public async Task A_dead_letter_whose_handler_never_returns_waits_again_and_the_live_version_goes_on()
    {
        await using var world = await World.CreateAsync(postgres);
        using var never = new ManualResetEventSlim();
        var hangs = false;
        var (system, at) = await SetAsideAsync(world, new TallyV1
        {
            Policy = PoisonPolicy.SetAside,
            Folding = amount =>
            {
                WaitIf(amount == Bad && hangs, never);
                ThrowIf(amount == Bad);
            },
        });
        hangs = true;
        await new RetryDeadLettersCommand { Projection = TallyWorld.Tally, Version = 1, Position = at }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'waiting' and error like '%took longer%'", 1L);
        await FollowsAsync(world);
        never.Set();
    }

    /// <summary>v1 live, and v2 offered before an event that v1 has folded already.</summary>
    private static async Task<(ProjectionSystem System, Workers.Worker Worker, EventPosition At)> OfferAsync(World world, TallyV2 second)
    {
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new TallyV1(), second), Bounded);
        var before = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        await world.StopAsync(before);
        await world.Database.ExecuteAsync("update projections.version set phase = 'paused' where number = 2");
        var at = new EventPosition(await world.AddAsync(TallyWorld.StreamOf(1), Bad));
        var worker = world.Start(system);
        await world.UntilAsync("tally", 1, version => version.Checkpoint >= at, "past the event");
        await world.Database.ExecuteAsync("update projections.version set phase = 'offered' where number = 2; select pg_notify('projections', 'tally')");
        return (system, worker, at);
    }

    /// <summary>v1 live, with one event set aside.</summary>
    private static async Task<(ProjectionSystem System, EventPosition At)> SetAsideAsync(World world, TallyV1 first)
    {
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(ProjectionRegistry.Of(first), Bounded);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var at = new EventPosition(await world.AddAsync(TallyWorld.StreamOf(1), Bad));
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'waiting'", 1L);
        return (system, at);
    }

    private static async Task FollowsAsync(World world)
    {
        var at = new EventPosition(await world.AddAsync(TallyWorld.StreamOf(4), 1));
        var live = await world.UntilAsync("tally", 1, version => version.Checkpoint >= at, "past the newest event");
        live.State.ShouldBe(VersionState.Live);
    }

    private static void Bounded(ProjectionsOptions options) => options.GuestLimit = TimeSpan.FromSeconds(1);

    private static void ThrowIf(bool bad)
    {
        if (bad)
        {
            throw new InvalidOperationException("A bad amount.");
        }
    }

    private static void WaitIf(bool bad, ManualResetEventSlim until)
    {
        if (bad)
        {
            until.Wait();
        }
    }
}
