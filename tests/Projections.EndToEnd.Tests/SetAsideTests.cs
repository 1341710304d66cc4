using Projections.Catalog;
using Projections.Commands;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd;

/// <summary>A version that stops at bad events, and somebody who decides that it may go on without one.</summary>
public sealed class SetAsideTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Why = "a test event";

    private static readonly CommandContext Ana = new("ana");

    [PostgresFact]
    public async Task The_event_that_a_live_version_stopped_at_becomes_a_dead_letter_and_the_version_goes_on_behind_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, bad) = await StoppedAsync(world);

        var decided = await new ResumeCommand { Projection = TallyWorld.Tally, SetAside = bad, Why = Why }.RunAsync(system, Ana, CancellationToken.None);

        decided.Outcome.ShouldStartWith($"tally v1 goes on from position {bad.Major - 1}, and makes the event at position {bad} a dead letter");
        await world.BecomesAsync("tally", 1, VersionState.Live);
        await world.EventuallyAsync("select sum(total)::bigint from tally", 502L);
        var letter = (await new ListDeadLetters(system).RunAsync(TallyWorld.Tally, null, 10, CancellationToken.None)).ShouldHaveSingleItem();
        letter.Event.Position.ShouldBe(bad);
        letter.Event.Stream.ShouldBe(TallyWorld.StreamOf(3).ToString());
        letter.Event.Error.ShouldContain("cannot be decoded");
        System.Text.Encoding.UTF8.GetString(letter.Event.Data).ShouldBe("""{"amount": "many"}""");
        (letter.Status, letter.SetAsideBy).ShouldBe((DeadLetterStatus.Waiting, new Actor("ana", Why)));
        (await world.AuditAsync("tally", 1)).ShouldContain($"failed live ana set aside the event at position {bad}: a test event");

        // Its rows are those of its events without the dead letter.
        (await new VerifyAgainstEvents(system).RunAsync(TallyWorld.Tally, 1, 1, CancellationToken.None)).Result.Agrees.ShouldBeTrue();
        var again = await new ResumeCommand { Projection = TallyWorld.Tally, SetAside = bad, Why = Why }.RunAsync(system, Ana, CancellationToken.None);
        (again.AlreadyDone, again.Outcome).ShouldBe((true, $"The event at position {bad} was set aside for tally v1 before, which is live."));
        (await world.Database.ScalarAsync<long>("select count(*) from projections.dead_letter")).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Only_the_event_that_a_version_stopped_at_can_be_set_aside_and_only_with_a_reason()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, bad) = await StoppedAsync(world);
        var setAside = new ResumeCommand { Projection = TallyWorld.Tally, SetAside = bad, Why = Why };

        var other = await Should.ThrowAsync<OperationRefused>((setAside with { SetAside = new EventPosition(3) }).RunAsync(system, Ana, CancellationToken.None));
        other.Message.ShouldStartWith($"Cannot set aside the event at position 3 for tally v1: it stopped at position {bad} (tally v1 stopped at position {bad}");
        var silent = await Should.ThrowAsync<OperationRefused>(
            (setAside with { Why = null }).RunAsync(system, Ana, CancellationToken.None));
        (silent.IsMistake, silent.Message).ShouldBe((true, $"Cannot set aside the event at position {bad} for tally v1 without a reason: say with '--why' why its rows may lack the event."));
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await Should.ThrowAsync<OperationRefused>((setAside with { Version = 1 }).RunAsync(system, Ana, CancellationToken.None)))
            .Message.ShouldBe($"Cannot set aside the event at position {bad} for tally v1: it is paused, and only the event that a version stopped at can be set aside.");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.set_aside")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_version_that_was_aborted_begins_anew_without_what_was_decided_before()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(10);
        var bad = new EventPosition(await world.Store.AppendAsync(new StreamId(TallyWorld.StreamOf(3)), [(TallyEvents.Added, """{"amount":"many"}""")]));
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await World.AskToBuildAsync(system, "tally", 1);
        await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        await new ResumeCommand { Projection = TallyWorld.Tally, SetAside = bad, Why = Why }.RunAsync(system, Ana, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);

        await new AbortCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await World.AskToBuildAsync(system, "tally", 1);

        (await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed")).FailurePosition.ShouldBe(bad);
    }

    /// <summary>A live version of 500 events that has stopped at a bad one, with two good ones behind it.</summary>
    private static async Task<(ProjectionSystem System, EventPosition Bad)> StoppedAsync(World world)
    {
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var bad = new EventPosition(await world.Store.AppendAsync(new StreamId(TallyWorld.StreamOf(3)), [(TallyEvents.Added, """{"amount":"many"}""")]));
        await world.AddAsync(TallyWorld.StreamOf(4), 1, 1);
        var failed = await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        failed.FailurePosition.ShouldBe(bad);
        return (system, bad);
    }
}
