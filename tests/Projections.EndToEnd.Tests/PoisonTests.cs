using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

public sealed class PoisonTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_poison_event_stops_a_replay_with_its_position_stream_type_and_error()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(1_000);
        var position = await world.Store.AppendAsync(new StreamId(TallyWorld.StreamOf(3)), [(TallyEvents.Added, """{"amount":"many"}""")]);
        var system = await world.OpenAsync(TallyWorld.Both);
        world.Start(system);
        await World.AskToBuildAsync(system, "tally", 1);

        var failed = await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");

        failed.FailurePosition.ShouldBe(new EventPosition(position));
        failed.Failure.ShouldStartWith(
            $"tally v1 stopped at position {position}: the event 'added' of stream '{TallyWorld.StreamOf(3)}' cannot be decoded: ");
        failed.ResumePhase.ShouldBe(VersionPhase.Replaying);
    }

    [PostgresFact]
    public async Task Poison_can_be_set_aside_and_retried_once_the_handler_is_mended()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(1_000);
        var position = await world.AddAsync(TallyWorld.StreamOf(3), 13);
        await world.AddAsync(TallyWorld.StreamOf(3), 2);
        var version = new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => _ = amount == 13 ? throw new FormatException("Thirteen!") : amount };
        var system = await world.OpenAsync(ProjectionRegistry.Of(version));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(1_002);

        var letter = (await new ListDeadLetters(system).RunAsync(TallyWorld.Tally, null, 10, CancellationToken.None)).ShouldHaveSingleItem();
        letter.Event.Position.ShouldBe(new EventPosition(position));
        letter.Event.Stream.ShouldBe(TallyWorld.StreamOf(3).ToString());
        letter.Event.Type.ShouldBe("added");
        System.Text.Encoding.UTF8.GetString(letter.Event.Data).ShouldBe("""{"amount": 13}""");
        letter.Event.Error.ShouldBe("FormatException: Thirteen!");
        letter.Status.ShouldBe(DeadLetterStatus.Waiting);

        // Still broken: it is set aside again.
        await new RetryDeadLettersCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select attempts from projections.dead_letter where status = 'waiting'", 2);

        version.Folding = _ => { };
        var retry = await new RetryDeadLettersCommand { Projection = TallyWorld.Tally, Version = 1, Position = new EventPosition(position) }.RunAsync(system, World.Someone, CancellationToken.None);
        retry.Outcome.ShouldBe("1 dead letter of tally v1 will be retried.");
        await world.EventuallyAsync("select status from projections.dead_letter", "resolved");
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally")).ShouldBe(1_015);
    }

    [PostgresFact]
    public async Task A_dead_letter_can_be_discarded_and_stays_listed()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 13, 1);
        var version = new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => _ = amount == 13 ? throw new FormatException("Thirteen!") : amount };
        var system = await world.OpenAsync(ProjectionRegistry.Of(version));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);

        var discarded = await new DiscardDeadLettersCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        discarded.Outcome.ShouldBe("1 dead letter of tally v1 discarded.");
        var letter = (await new ListDeadLetters(system).RunAsync(TallyWorld.Tally, null, 10, CancellationToken.None)).ShouldHaveSingleItem();
        letter.Status.ShouldBe(DeadLetterStatus.Discarded);
        letter.DecidedBy.ShouldBe("test");
    }
}
