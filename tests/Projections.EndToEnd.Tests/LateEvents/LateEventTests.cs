using Npgsql;
using Projections.Catalog;
using Projections.Checks;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Feeds;
using Projections.EndToEnd.Reactions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.LateEvents;
using Projections.Operations;
using Projections.PostgresEvents;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.Verification;

namespace Projections.EndToEnd.LateEvents;

/// <summary>Events that turn up at numbers that were believed dead, behind the checkpoints.</summary>
public sealed class LateEventTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly Guid Stream = TallyWorld.StreamOf(3);

    [PostgresFact]
    public async Task An_event_whose_number_was_given_up_comes_into_every_version_that_passed_it_and_counts_once()
    {
        await using var world = await World.CreateAsync(postgres);
        await BuildBothAsync(world);
        var done = await world.Database.ScalarAsync<long>("select events_done from projections.version where number = 1");
        var late = await GiveUpAsync(world);

        await late.AddAsync(world.Sql, 100);

        await MendedAsync(world, late, 1, 2);
        await TotalsAsync(world, 105);
        (await world.ColumnAsync("select (events_done)::text from projections.version order by number")).ShouldBe([$"{done + 2}", $"{done + 2}"]);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.announcement where kind = 'LateEvents'")).ShouldBe(2);

        // What follows is folded on top of it.
        await world.AddAsync(Stream, 1000);
        await world.EventuallyAsync($"select total from tally_v2 where id = '{Stream}'", 1105L);
        await TotalsAsync(world, 1105);
    }

    [PostgresFact]
    public async Task A_late_event_has_its_message_once_when_the_live_version_gets_it_with_the_rows_of_its_place()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildBothAsync(world, TallyWorld.Both.WithReactions(new TallyMail()));
        var before = await GiveUpAsync(world);
        var since = await world.StartReactionsAsync(system);
        await before.AddAsync(world.Sql, 10);
        await MendedAsync(world, before, 1, 2);
        var late = await GiveUpAsync(world);
        await late.AddAsync(world.Sql, 100);
        await MendedAsync(world, late, 1, 2);
        await World.SwitchAsync(system, "tally", 2);
        await world.AddAsync(Stream, 1);
        await world.AtTheHeadAsync();

        // The second is what was there when the late one's number was given up.
        (await world.MessagesAsync()).Order().ShouldBe([$"{late.Number}: 15 → 115", $"{late.Number + 1}: 5 → 5", $"{late.Number + 2}: 115 → 116"]);
        since.ShouldBeLessThan(late.Number);
    }

    [PostgresFact]
    public async Task A_late_event_comes_in_the_feed_when_it_is_folded_in_and_leaves_a_copy_right()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildBothAsync(world);
        await new StartFeedCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        var copy = await new FeedCopy(system, TallyWorld.Tally).ReadAsync();
        var late = await GiveUpAsync(world);
        await world.AtTheHeadAsync();
        await copy.ReadAsync();
        var passed = await world.Database.ScalarAsync<long>("select position_major from projections.version where number = 1");
        passed.ShouldBeGreaterThan(late.Number);

        await late.AddAsync(world.Sql, 100);
        await MendedAsync(world, late, 1, 2);
        await copy.ReadAsync();

        // It stands where the version is, and not where it had its number: whoever has read that far would never see it.
        copy.Messages.ShouldHaveSingleItem().ShouldBe(
            $$$"""changes {"position":"{{{passed}}}","changes":[{"key":{"id":"{{{Stream}}}"},"before":{"id":"{{{Stream}}}","total":5,"events":5},"after":{"id":"{{{Stream}}}","total":105,"events":6}}]}""");
        copy.Rows.ShouldBe(await world.ViewAsync());
        await world.AddAsync(Stream, 1000);
        await world.AtTheHeadAsync();
        await World.SwitchAsync(system, "tally", 2);
        await world.EventuallyAsync("select count(*) from projections.feed_entry where is_pending", 0L);
        (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync());
    }

    [PostgresFact]
    public async Task Neither_the_end_of_the_session_that_drew_a_number_nor_the_idleness_of_another_proves_it_dead()
    {
        await using var world = await World.CreateAsync(postgres);
        await BuildBothAsync(world);
        await using var idle = await world.ConnectAsync("idle since before");
        RichAppend late;
        await using (var drawing = await world.ConnectAsync("draws and ends"))
        {
            late = await RichAppend.DrawAsync(drawing, Stream);
        }

        await world.AddAsync(TallyWorld.StreamOf(50), 0);
        await PassedAsync(world, late, "tally", 1, 2);
        await late.InsertAsync(idle, commit: true, (TallyEvents.Added, """{"amount":100}"""));

        await MendedAsync(world, late, 1, 2);
        await TotalsAsync(world, 105);
    }

    [PostgresFact]
    public async Task An_event_that_follows_a_late_one_is_folded_after_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, ProjectionRegistry.Of(new StrictTally()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "strict_tally", 1);
        for (var round = 0; round < 10; round++)
        {
            var stream = Guid.NewGuid();
            var late = await RichAppend.DrawAsync(world.Sql, stream);
            await world.Store.AppendAsync(new StreamId(Guid.NewGuid()), [(StrictTally.Opened, """{"amount":0}""")]);
            await PassedAsync(world, late, "strict_tally", 1);

            // The row is created by the late event; folded before it, the next would find none, and stop the version.
            await late.InsertAsync(world.Sql, commit: true, (StrictTally.Opened, """{"amount":1}"""));
            await world.AddAsync(stream, 10);

            await world.EventuallyAsync($"select total from strict_tally_v1 where id = '{stream}'", 11L);
        }

        (await world.Database.ScalarAsync<string>("select state from projections.version")).ShouldBe("live");
    }

    [PostgresFact]
    public async Task Who_looks_for_what_is_missing_while_that_is_still_being_noted_has_to_look_again()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, ProjectionRegistry.Of(new StrictTally()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "strict_tally", 1);
        var late = await RichAppend.DrawAsync(world.Sql, Guid.NewGuid());
        await world.Store.AppendAsync(new StreamId(Guid.NewGuid()), [(StrictTally.Opened, """{"amount":0}""")]);
        await PassedAsync(world, late, "strict_tally", 1);
        var watch = (await OpenAsync(world, ProjectionRegistry.Of(new StrictTally()))).LateEvents!;
        await watch.ReloadAsync(CancellationToken.None);

        await using var locked = await world.ConnectAsync("keeps everybody from noting anything");
        await using var transaction = await locked.BeginTransactionAsync();
        await using var keep = new NpgsqlCommand("lock table projections.late_event in share row exclusive mode", locked);
        await keep.ExecuteNonQueryAsync();
        var before = watch.Generation;
        await late.InsertAsync(world.Sql, commit: true, (StrictTally.Opened, """{"amount":1}"""));
        var noting = watch.LookAsync(CancellationToken.None);
        await Deadline.UntilAsync(() => Task.FromResult(watch.Generation), generation => generation != before, "see that it turned up");
        // What there is to mend was looked for at this moment, and nothing was found.
        var seen = watch.Generation;
        await transaction.RollbackAsync();
        await noting;

        (await watch.HasTurnedUpSinceAsync(seen, CancellationToken.None)).ShouldBeTrue();
    }

    [PostgresFact]
    public async Task What_is_known_to_have_turned_up_sends_nobody_to_look_again_and_is_not_looked_for_for_ever()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, TallyWorld.Both);
        var source = new AnsweringSource();
        var watch = new LateEventWatch(system, system.Source, source);
        GivenUpNumbers[] numbers = [new(7, 7, DateTimeOffset.UtcNow)];
        watch.Watch(numbers);
        var (slow, quick) = (watch.LookAsync(CancellationToken.None), watch.LookAsync(CancellationToken.None));
        source.Answers[1].SetResult([7]);
        await quick;
        // A version comes by it once more before the other look has its answer, too.
        watch.Watch(numbers);
        var known = watch.Generation;
        source.Answers[0].SetResult([7]);
        await slow;
        var last = watch.LookAsync(CancellationToken.None);
        source.Answers[2].SetResult([7]);
        await last;

        watch.Generation.ShouldBe(known);
        await watch.LookAsync(CancellationToken.None);
        source.Answers.Count.ShouldBe(3);
    }

    [PostgresFact]
    public async Task An_event_that_follows_one_late_beyond_all_that_is_looked_at_before_each_read_stops_nobody()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, ProjectionRegistry.Of(new StrictTally()));
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "strict_tally", 1);
        const int rounds = 5;
        var streams = Enumerable.Range(0, rounds).Select(_ => Guid.NewGuid()).ToList();
        var late = new List<RichAppend>();
        foreach (var stream in streams)
        {
            late.Add(await RichAppend.DrawAsync(world.Sql, stream));
        }

        await AddManyGapsAsync(world, StrictTally.Opened);
        await PassedAsync(world, late[^1], "strict_tally", 1);
        await world.EventuallyAsync("select count(*) > 300 from projections.given_up", true);

        foreach (var (stream, append) in streams.Zip(late))
        {
            // In one transaction, so that nobody can come by between the late event and what follows it.
            await append.DrawAnotherAsync(world.Sql);
            await append.InsertAsync(world.Sql, commit: true, (StrictTally.Opened, """{"amount":1}"""), (TallyEvents.Added, """{"amount":10}"""));
            await world.EventuallyAsync($"select total from strict_tally_v1 where id = '{stream}'", 11L);
        }

        (await world.ColumnAsync("select concat_ws(' ', state, failure) from projections.version")).ShouldBe(["live"]);
    }

    [PostgresFact]
    public async Task A_version_that_was_paused_when_it_turned_up_gets_it_when_it_is_resumed()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildBothAsync(world);
        var late = await GiveUpAsync(world);
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 2, VersionState.Paused);

        await late.AddAsync(world.Sql, 100);
        await MendedAsync(world, late, 1);
        await world.EventuallyAsync($"select count(*) from projections.late_event where number = 2 and status = 'waiting' and position = {late.Number}", 1L);
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);

        await MendedAsync(world, late, 2);
        await TotalsAsync(world, 105);
    }

    [PostgresFact]
    public async Task What_turns_up_while_history_is_replayed_in_shards_is_folded_in_once_they_are_one()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var stream = Guid.NewGuid();
        var late = await RichAppend.DrawAsync(world.Sql, stream);
        await world.AddAsync(TallyWorld.StreamOf(50), [.. Enumerable.Repeat(0, 5_000)]);
        var system = await OpenAsync(world, TallyWorld.Both, options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(10));
        // Else the shards would end before the number that is missing.
        while ((await system.Source.GetSafeHeadAsync(CancellationToken.None)).Position < new EventPosition(late.Number, 0))
        {
            await Task.Delay(10);
        }

        await new RebuildCommand { Projection = TallyWorld.Tally, To = 1, Shards = 2, Throttle = 400 }.RunAsync(system, World.Someone, CancellationToken.None);
        world.Start(system);
        await world.EventuallyAsync("select exists (select from projections.given_up)", true);

        await late.AddAsync(world.Sql, 100);
        await world.EventuallyAsync($"select count(*) from projections.late_event where status = 'waiting' and position = {late.Number}", 1L);
        var shards = await world.Database.ScalarAsync<long>("select count(*) from projections.shard");
        await new SetThrottleCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);

        await world.BecomesAsync("tally", 1, VersionState.Ready);
        await MendedAsync(world, late, 1);
        shards.ShouldBe(2, "they were not one yet");
        (await world.Database.ScalarAsync<long>($"select total from tally_v1 where id = '{stream}'")).ShouldBe(100);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(600);
    }

    [PostgresFact]
    public async Task What_one_worker_gave_up_the_next_one_remembers()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await OpenAsync(world, TallyWorld.Both);
        var first = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        var late = await GiveUpAsync(world);
        await world.StopAsync(first);

        await late.AddAsync(world.Sql, 100);
        world.Start(await OpenAsync(world, TallyWorld.Both));

        await MendedAsync(world, late, 1, 2);
        await TotalsAsync(world, 105);
    }

    [PostgresFact]
    public async Task A_rebuild_that_passed_the_number_before_the_event_came_gets_it_and_one_that_read_the_event_does_not_get_it_again()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await OpenAsync(world, TallyWorld.Both);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var before = await GiveUpAsync(world, 1);
        var after = await RichAppend.DrawAsync(world.Sql, TallyWorld.StreamOf(4));
        await world.AddAsync(TallyWorld.StreamOf(50), 0);
        await PassedAsync(world, after, "tally", 1);
        await before.AddAsync(world.Sql, 100);
        await MendedAsync(world, before, 1);

        await world.BuildAsync(system, "tally", 2);
        await after.AddAsync(world.Sql, 1000);

        await MendedAsync(world, after, 1, 2);
        await TotalsAsync(world, 105);
        (await world.ColumnAsync($"select total::text from tally_v2 where id = '{TallyWorld.StreamOf(4)}'")).ShouldBe(["1005"]);
        (await world.ColumnAsync("select position::text from projections.late_event where number = 2")).ShouldBe([$"{after.Number}"]);
    }

    [PostgresFact]
    public async Task A_version_enters_only_when_the_others_have_got_what_it_has_read_in_its_place()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await OpenAsync(world, TallyWorld.Both);
        var first = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var late = await GiveUpAsync(world, 1);
        await AddManyGapsAsync(world, TallyEvents.Added);
        await world.EventuallyAsync("select count(*) > 300 from projections.given_up", true);
        await world.StopAsync(first);
        // Looked at when the next worker begins and then not for an hour, and too far back for its source to find the gap by itself.
        await world.Database.ExecuteAsync($"update projections.given_up set since = since - interval '20 hours' where first = {late.Number}");
        await world.Database.ExecuteAsync("select setval('events.mt_events_sequence', 3000000)");
        system = await OpenAsync(world, TallyWorld.Both);
        world.Start(system);
        var added = await world.AddAsync(TallyWorld.StreamOf(50), 0);
        await world.UntilAsync("tally", 1, version => version.Lockstep && version.Checkpoint >= new EventPosition(added), "followed");
        await late.AddAsync(world.Sql, 100);

        await world.BuildAsync(system, "tally", 2);

        await TotalsAsync(world, 105);
        (await world.Database.ScalarAsync<bool>(
            "select l.mended_at <= v.joined_at from projections.late_event l, projections.version v where l.number = 1 and v.number = 2")).ShouldBeTrue();
        (await world.Database.ScalarAsync<long>("select count(*) from projections.late_event where number = 2")).ShouldBe(0, "it was read in its place");
    }

    [PostgresFact]
    public async Task A_version_whose_rows_cannot_be_folded_one_by_one_is_broken_and_not_switched_to()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, ProjectionRegistry.Of(new SqlTallyV1()));
        world.Start(system);
        await world.BuildAsync(system, "tally", 1);
        var late = await GiveUpAsync(world, 1);
        await late.AddAsync(world.Sql, 100);
        await world.EventuallyAsync("select count(*) from projections.late_event where status = 'waiting' and problem is not null", 1L);

        var status = (await new ReadStatus(system).RunAsync(TallyWorld.Tally, CancellationToken.None)).Single().Versions.Single();
        status.LateEvents.Waiting.ShouldBe(1);
        var check = await new CheckCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        check.Versions.Single().Verdict.ShouldBe(Verdict.Broken);
        check.Versions.Single().Findings.ShouldContain(finding => finding.Rule == "late-events" && finding.Problem.Contains("broken: 1 late event"));
        var refused = await Should.ThrowAsync<SwitchRefused>(World.SwitchAsync(system, "tally", 1));
        refused.Failures.Single().Gate.ShouldBe("no-late-events");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.announcement where kind = 'LateEvents' and details ->> 'error' is not null")).ShouldBe(1);

        // It goes on with what it can fold.
        await world.AddAsync(Stream, 7);
        await world.EventuallyAsync($"select total from tally_v1 where id = '{Stream}'", 7L);
    }

    [PostgresFact]
    public async Task A_version_that_says_it_lacks_late_events_is_not_compared_until_it_is_built_anew()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildBothAsync(world, ProjectionRegistry.Of(new SqlTallyV1(), new TallyV2()));
        var late = await GiveUpAsync(world);
        await late.AddAsync(world.Sql, 100);
        await MendedAsync(world, late, 2);
        await world.EventuallyAsync("select count(*) from projections.late_event where number = 1 and problem is not null", 1L);

        var refused = await Should.ThrowAsync<OperationRefused>(VerifyAsync(system, TimeSpan.Zero));
        refused.Message.ShouldContain("the rows of tally v1 lack 1 late event, and cannot get it");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.verification")).ShouldBe(0);

        await World.SwitchAsync(system, "tally", 2);
        await new RetireCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BuildAsync(system, "tally", 1);
        (await VerifyAsync(system, TimeSpan.FromMinutes(1))).Result.Agrees.ShouldBeTrue();
    }

    [PostgresFact]
    public async Task A_candidate_that_cannot_fold_a_late_event_or_never_returns_from_it_does_not_keep_the_live_version_from_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var candidate = new TallyV2();
        using var never = new ManualResetEventSlim();
        await BuildBothAsync(world, ProjectionRegistry.Of(new TallyV1(), candidate), options => options.GuestLimit = TimeSpan.FromMilliseconds(500));
        var refused = await GiveUpAsync(world);
        candidate.Folding = amount => _ = amount == 100 ? throw new InvalidOperationException("Not a hundred!") : amount;
        await refused.AddAsync(world.Sql, 100);
        await MendedAsync(world, refused, 1);
        await StuckAsync(world, refused, "Not a hundred!");

        candidate.Folding = amount =>
        {
            if (amount == 1000)
            {
                never.Wait();
            }
        };
        var endless = await GiveUpAsync(world);
        await endless.AddAsync(world.Sql, 1000);

        await MendedAsync(world, endless, 1);
        await world.EventuallyAsync($"select total from tally_v1 where id = '{Stream}'", 1105L);
        (await world.ColumnAsync("select phase from projections.version where number = 1")).ShouldBe(["following"]);

        // It gets it on its own, once its handler returns.
        candidate.Folding = _ => { };
        never.Set();
        await MendedAsync(world, endless, 2);
    }

    [PostgresFact]
    public async Task Whoever_takes_versions_over_tries_again_all_that_could_not_be_mended_however_much_else_waits()
    {
        await using var world = await World.CreateAsync(postgres);
        await world.SeedTalliesAsync(500);
        var system = await OpenAsync(world, TallyWorld.Both);
        var first = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        var late = await RichAppend.DrawAsync(world.Sql, Stream, 120);
        await world.AddAsync(TallyWorld.StreamOf(50), 0);
        await PassedAsync(world, late, "tally", 1);
        await world.StopAsync(first);
        await late.InsertAsync(world.Sql, commit: true, [.. Enumerable.Repeat((TallyEvents.Added, """{"amount":1}"""), 120)]);
        await world.Database.ExecuteAsync(
            $"""
            insert into projections.late_event (projection, number, position, problem)
            select 'tally', 1, n, case when n % 2 = 0 then 'It was a bad day.' end from generate_series({late.Number}, {late.Number + 119}) as n
            """);

        world.Start(system);

        await world.EventuallyAsync("select count(*) from projections.late_event where status = 'waiting'", 0L);
        (await world.Database.ScalarAsync<long>($"select total from tally_v1 where id = '{Stream}'")).ShouldBe(125);
    }

    [PostgresFact]
    public async Task A_number_that_nobody_uses_is_forgotten_with_the_window_and_is_counted_until_then()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await BuildBothAsync(world);
        await GiveUpAsync(world);
        (await new ReadStatus(system).RunAsync(TallyWorld.Tally, CancellationToken.None)).Single().Versions.ShouldAllBe(version => version.LateEvents.Watched == 1);

        await world.Database.ExecuteAsync("update projections.given_up set since = since - interval '25 hours'");
        world.Start(await OpenAsync(world, TallyWorld.Both));

        await world.EventuallyAsync("select count(*) from projections.given_up", 0L);
    }

    [PostgresFact]
    public async Task A_source_that_proves_every_gap_dead_pays_nothing_for_it()
    {
        await using var world = await World.CreateAsync(postgres);
        using var sent = new SentStatements(world.Database.Name);
        var (system, _) = await world.BuildBothTalliesAsync();
        system.Source.GivenUp.ShouldBeNull();

        for (var i = 1; i <= 20; i++)
        {
            // The number of the one is dead when its transaction has ended.
            await (await RichAppend.DrawAsync(world.Sql, Stream)).InsertAsync(world.Sql, commit: false, (TallyEvents.Added, """{"amount":1}"""));
            await world.AddAsync(TallyWorld.StreamOf(1), 1);
        }

        await world.EventuallyAsync("select sum(total)::bigint from tally_v2", 520L);
        sent.Count("given_up").ShouldBe(0);
        sent.Count("into projections.late_event").ShouldBe(0);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.given_up")).ShouldBe(0);
    }

    /// <summary>Draws a number and lets v1, and v2 where it is followed, pass it.</summary>
    private static async Task<RichAppend> GiveUpAsync(World world, params int[] versions)
    {
        var late = await RichAppend.DrawAsync(world.Sql, Stream);
        await world.AddAsync(TallyWorld.StreamOf(50), 0);
        await PassedAsync(world, late, "tally", versions is [] ? [1, 2] : versions);
        return late;
    }

    /// <summary>Leaves more gaps than are looked at before each read.</summary>
    private static Task AddManyGapsAsync(World world, string first) => world.Database.ExecuteAsync(
        $$"""
        insert into events.mt_streams (id, version) values ('00000000-0000-0000-0000-00000000ffff', 300);
        insert into events.mt_events (seq_id, id, stream_id, version, data, type)
        select nextval('events.mt_events_sequence') + 0 * nextval('events.mt_events_sequence'), gen_random_uuid(),
            '00000000-0000-0000-0000-00000000ffff', v, '{"amount":0}', case v when 1 then '{{first}}' else '{{TallyEvents.Added}}' end
        from generate_series(1, 300) as v
        """);

    private static async Task PassedAsync(World world, RichAppend late, string projection, params int[] versions)
    {
        foreach (var version in versions)
        {
            await world.UntilAsync(projection, version, found => found.Checkpoint > new EventPosition(late.Number), $"beyond {late.Number}");
        }
    }

    private static async Task MendedAsync(World world, RichAppend late, params int[] versions)
    {
        foreach (var version in versions)
        {
            await world.EventuallyAsync($"select count(*) from projections.late_event where number = {version} and status = 'mended' and position = {late.Number}", 1L);
        }
    }

    private static Task StuckAsync(World world, RichAppend late, string why) => world.EventuallyAsync(
        $"select count(*) from projections.late_event where number = 2 and status = 'waiting' and position = {late.Number} and problem like '%{why}%'", 1L);

    private static async Task TotalsAsync(World world, long total)
    {
        (await world.Database.ScalarAsync<long>($"select total from tally_v1 where id = '{Stream}'")).ShouldBe(total);
        (await world.Database.ScalarAsync<long>($"select total from tally_v2 where id = '{Stream}'")).ShouldBe(total);
    }

    private static Task<VerificationReport> VerifyAsync(ProjectionSystem system, TimeSpan patience) =>
        new Verify(system).RunAsync(TallyWorld.Tally, 1, 2, patience, World.Anybody, CancellationToken.None);

    private static async Task<ProjectionSystem> BuildBothAsync(World world, ProjectionRegistry? registry = null, Action<ProjectionsOptions>? configure = null)
    {
        await world.SeedTalliesAsync(500);
        var system = await OpenAsync(world, registry ?? TallyWorld.Both, configure);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        return system;
    }

    private static async Task<ProjectionSystem> OpenAsync(World world, ProjectionRegistry registry, Action<ProjectionsOptions>? configure = null) =>
        await world.OpenAsync(registry, configure, source: await PostgresEventSource.OpenAsync(
            world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.FromMilliseconds(150) }));

    /// <summary>A source that is asked what has turned up, and has its answers from the test.</summary>
    private sealed class AnsweringSource : IGivenUpNumbers
    {
        public List<TaskCompletionSource<IReadOnlyList<long>>> Answers { get; } = [];

        public IReadOnlyList<GivenUpNumbers> Between(EventPosition after, EventPosition upTo) => [];

        public Task<IReadOnlyList<long>> FindAsync(IReadOnlyList<GivenUpNumbers> numbers, CancellationToken cancellationToken)
        {
            Answers.Add(new TaskCompletionSource<IReadOnlyList<long>>());
            return Answers[^1].Task.WaitAsync(Deadline.Generous, cancellationToken);
        }
    }
}
