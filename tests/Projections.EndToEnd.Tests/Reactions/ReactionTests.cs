using Projections.Catalog;
using Projections.Catalog.Reactions;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Operations;
using Projections.Reports;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.Reactions;

public sealed class ReactionTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static ProjectionRegistry Reacting => TallyWorld.Both.WithReactions(new TallyMail());

    [PostgresFact]
    public async Task Each_event_has_its_message_once_with_the_row_as_it_was_between_two_events_whichever_version_is_live()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, Reacting);
        var since = await world.StartReactionsAsync(system);
        var stream = Guid.NewGuid();

        await world.AddAsync(stream, 1, 2, 3);
        await world.AtTheHeadAsync();
        await World.SwitchAsync(system, "tally", 2);
        await world.AddAsync(stream, 4, 5);
        await world.AddAsync(TallyWorld.StreamOf(1), 7);
        await world.AtTheHeadAsync();
        // A replay of the same events, and a rollback.
        await new RetireCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BuildAsync(system, "tally", 1);
        await World.SwitchAsync(system, "tally", 1);
        await world.AddAsync(stream, 6);
        await world.AtTheHeadAsync();

        since.ShouldBe(500);
        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(since));
        (await world.MessagesAsync()).Take(3).ShouldBe(["501:  → 1", "502: 1 → 3", "503: 3 → 6"]);
        (await world.Database.ScalarAsync<long>("select count(distinct id) from projections.message")).ShouldBe(7);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.held_message")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task Events_that_only_the_new_version_has_folded_have_their_messages_when_reads_are_switched_to_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var live = new TallyV1();
        var (system, worker) = await BuildAsync(world, ProjectionRegistry.Of(live, new TallyV2()).WithReactions(new TallyMail()));
        var since = await world.StartReactionsAsync(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.AtTheHeadAsync();
        live.Folding = amount => _ = amount == 13 ? throw new InvalidOperationException("Thirteen!") : amount;
        await world.AddAsync(TallyWorld.StreamOf(1), 13, 1);
        await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        await world.AddAsync(TallyWorld.StreamOf(2), 5);
        await world.EventuallyAsync("select (select position_major from projections.version where number = 2) >= (select max(seq_id) from events.mt_events)", true);
        (await world.MessagesAsync()).Count.ShouldBe(1);

        // Another worker than the one that folded them.
        await world.StopAsync(worker);
        world.Start(await world.OpenAsync(Reacting));
        await World.SwitchAsync(system, "tally", 2);
        await world.AddAsync(TallyWorld.StreamOf(2), 5);
        await world.AtTheHeadAsync();

        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(since));
        (await world.Database.ScalarAsync<long>("select count(*) from projections.held_message")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task A_live_version_that_was_paused_catches_up_with_the_messages_of_what_it_missed_and_what_the_other_held_does_not_count()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, Reacting);
        var since = await world.StartReactionsAsync(system);
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Paused);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 2);
        await world.EventuallyAsync("select (select position_major from projections.version where number = 2) >= (select max(seq_id) from events.mt_events)", true);
        (await world.MessagesAsync()).ShouldBeEmpty();
        (await world.Database.ScalarAsync<long>("select count(*) from projections.held_message")).ShouldBe(2);

        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Live);
        await world.AddAsync(TallyWorld.StreamOf(1), 3);
        await world.AtTheHeadAsync();
        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(since));

        await World.SwitchAsync(system, "tally", 2);
        await world.AddAsync(TallyWorld.StreamOf(1), 4);
        await world.AtTheHeadAsync();
        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(since));
    }

    [PostgresFact]
    public async Task Started_and_stopped_while_events_come_in_it_reacts_to_each_in_between_and_to_no_other()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, Reacting);
        using var stop = new CancellationTokenSource();
        var adding = world.KeepAddingAsync(stop.Token);
        var expected = new List<(long From, long To)>();
        for (var round = 0; round < 5; round++)
        {
            var from = await world.StartReactionsAsync(system);
            await world.EventuallyAsync($"select count(*) > 20 from projections.message where position_major > {from}", true);
            var stopped = await new StopReactionsCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
            stopped.Outcome.ShouldStartWith("tally_mail reacts to events of 'tally' no more, behind position ");
            expected.Add((from, await world.Database.ScalarAsync<long>("select coalesce(max(position_major), 0) from projections.message")));
        }

        await stop.CancelAsync();
        await adding;
        await world.AtTheHeadAsync();
        var all = await world.ExpectedAsync(0);
        (await world.MessagesAsync()).ShouldBe(all.Where(line => expected.Exists(part => PositionOf(line) > part.From && PositionOf(line) <= part.To)));
    }

    [PostgresFact]
    public async Task What_a_reaction_cannot_react_to_is_set_aside_holds_nothing_up_and_has_its_message_once_it_is_mended()
    {
        await using var world = await World.CreateAsync(postgres);
        var mail = new TallyMail { Reacting = amount => _ = amount == 13 ? throw new InvalidOperationException("Thirteen!") : amount };
        var (system, _) = await BuildAsync(world, TallyWorld.Both.WithReactions(mail));
        var since = await world.StartReactionsAsync(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 13, 1);
        await world.AtTheHeadAsync();
        (await world.MessagesAsync()).Count.ShouldBe(2);
        (await world.ColumnAsync("select error from projections.reaction_letter where not is_held")).ShouldBe(["InvalidOperationException: Thirteen!"]);

        (await RetryAsync(system)).ShouldBe("0 of 1 event that reactions of 'tally' could not react to have their messages now.");
        mail.Reacting = _ => { };
        (await RetryAsync(system)).ShouldBe("1 of 1 event that reactions of 'tally' could not react to has its messages now.");
        (await RetryAsync(system)).ShouldStartWith("0 of 0");

        (await world.MessagesAsync()).Order().ShouldBe((await world.ExpectedAsync(since)).Order());
    }

    [PostgresFact]
    public async Task What_was_set_aside_and_discarded_has_no_message_waits_no_more_and_stays_listed_with_who_and_why()
    {
        await using var world = await World.CreateAsync(postgres);
        var mail = new TallyMail { Reacting = amount => _ = amount == 13 ? throw new InvalidOperationException("Thirteen!") : amount };
        var (system, _) = await BuildAsync(world, TallyWorld.Both.WithReactions(mail));
        var since = await world.StartReactionsAsync(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 13, 1, 13);
        await world.AtTheHeadAsync();
        mail.Reacting = _ => { };

        var first = new DiscardReactionsCommand { Projection = TallyWorld.Tally, Position = new EventPosition(since + 1), Why = "the customer was called" };
        (await first.RunAsync(system, World.Someone, CancellationToken.None)).Outcome.ShouldBe("1 event that reactions of 'tally' could not react to will have no messages.");
        (await first.RunAsync(system, World.Someone, CancellationToken.None)).AlreadyDone.ShouldBeTrue();
        var report = (await ReactionReport.ReadAsync(system, CancellationToken.None))[TallyWorld.Tally].Single();
        (await RetryAsync(system)).ShouldStartWith("1 of 1 event");

        report.Failed.ShouldBe(1);
        (await world.MessagesAsync()).Order().ShouldBe((await world.ExpectedAsync(since)).Skip(1).Order());
        await using var connection = await system.ReadModels.OpenConnectionAsync();
        var letter = (await ReactionLetters.ReadAsync(connection, TallyWorld.Tally, null, null, 10, CancellationToken.None)).ShouldHaveSingleItem();
        letter.DiscardedBy.ShouldBe(new Actor("test", "the customer was called"));
        letter.Event.Error.ShouldBe("InvalidOperationException: Thirteen!");
        (await world.ColumnAsync("select who || ': ' || why from projections.command where verb = 'reactions' and why is not null")).ShouldContain("test: the customer was called");
    }

    [PostgresFact]
    public async Task A_dead_letter_has_its_message_when_it_is_folded_and_once()
    {
        await using var world = await World.CreateAsync(postgres);
        var live = new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => _ = amount == 13 ? throw new FormatException("Thirteen!") : amount };
        var (system, _) = await BuildAsync(world, ProjectionRegistry.Of(live, new TallyV2()).WithReactions(new TallyMail()));
        await world.StartReactionsAsync(system);
        var stream = Guid.NewGuid();
        await world.AddAsync(stream, 1, 13, 2);
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'waiting'", 1L);
        await world.AtTheHeadAsync();
        (await world.MessagesAsync()).ShouldBe(["501:  → 1", "503: 1 → 3"]);

        live.Folding = _ => { };
        await new RetryDeadLettersCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select status from projections.dead_letter", "resolved");

        (await world.MessagesAsync()).ShouldBe(["501:  → 1", "503: 1 → 3", "502: 3 → 16"]);
    }

    [PostgresFact]
    public async Task A_version_without_the_columns_of_a_reaction_that_is_on_cannot_go_live()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, TallyWorld.Both.WithReactions(new BiggestMail()));
        var refused = await Should.ThrowAsync<OperationRefused>(world.StartReactionsAsync(system));
        refused.Message.ShouldContain("tally v1 has no column 'biggest'");

        await World.SwitchAsync(system, "tally", 2);
        await world.StartReactionsAsync(system);
        (await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 1))).Failures.ShouldHaveSingleItem().Gate.ShouldBe("reactions-fit");
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 2, 2, 3);
        await world.AtTheHeadAsync();
        (await world.ColumnAsync("select body ->> 'biggest' from projections.message order by number")).ShouldBe(["2", "3"]);

        await new StopReactionsCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        (await World.SwitchAsync(system, "tally", 1)).To.ShouldBe(1);
    }

    [PostgresFact]
    public async Task It_starts_now_or_later_but_not_in_the_past()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, Reacting);
        var past = await Should.ThrowAsync<OperationRefused>(
            new StartReactionsCommand { Projection = TallyWorld.Tally, From = new EventPosition(100) }.RunAsync(system, World.Someone, CancellationToken.None));
        past.Message.ShouldContain("Cannot start reactions of 'tally' at 100: its versions have passed 500");

        await new StartReactionsCommand { Projection = TallyWorld.Tally, Reaction = "tally_mail", From = new EventPosition(502) }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 1, 1);
        await world.AtTheHeadAsync();
        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(502));
    }

    [PostgresFact]
    public async Task A_worker_without_a_reaction_that_is_on_leaves_the_projection_to_one_that_has_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await BuildAsync(world, Reacting);
        var since = await world.StartReactionsAsync(system);
        await world.StopAsync(worker);
        world.Start(await world.OpenAsync(TallyWorld.Both));
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.EventuallyAsync("select count(*) > 0 from projections.version where trouble like '%the reaction ''tally_mail''%'", true);
        (await world.MessagesAsync()).ShouldBeEmpty();

        world.Start(await world.OpenAsync(Reacting));
        await world.AtTheHeadAsync();
        (await world.MessagesAsync()).ShouldBe(await world.ExpectedAsync(since));
    }

    [Fact]
    public void What_is_wrong_with_a_reaction_is_told_where_it_is_declared()
    {
        ProjectionRegistry.Of(new SqlTallyV1()).WithReactions(new TallyMail()).Errors.ShouldHaveSingleItem().Text.ShouldBe(
            "The reaction tally/tally_mail: No version of 'tally' has what it needs. tally v1 is made of SQL statements, which tell nobody what a row was before an event and after it.");
        var twice = TallyWorld.Both.WithReactions(new TallyMail(), new TallyMail());
        twice.Errors.Count.ShouldBe(2);
        twice.Reactions.ShouldBeEmpty();
        TallyWorld.Both.WithReactions(new TallyMail(), new BiggestMail(), new TallyMail("other_mail")).Errors.ShouldBeEmpty();
    }

    private static async Task<(ProjectionSystem System, Workers.Worker Worker)> BuildAsync(World world, ProjectionRegistry registry)
    {
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(registry);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        return (system, worker);
    }

    private static async Task<string> RetryAsync(ProjectionSystem system) =>
        (await new RetryReactionsCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None)).Outcome;

    private static long PositionOf(string line) => long.Parse(line[..line.IndexOf(':', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
}
