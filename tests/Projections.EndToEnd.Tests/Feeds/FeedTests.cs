using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Commands;
using Projections.Definitions;
using Projections.EndToEnd.Reactions;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.Feeds;
using Projections.Operations;
using Projections.Reports;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;
using Projections.WorkOrders;
using Projections.Workers;

namespace Projections.EndToEnd.Feeds;

public sealed class FeedTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static ProjectionRegistry Skipping => ProjectionRegistry.Of(new TallyV1(), new SkippingTallyV2());

    [PostgresFact]
    public async Task A_copy_has_each_row_as_it_was_before_and_after_each_event_and_across_switches_what_readers_see()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, Skipping);
        var stream = Guid.NewGuid();
        var copy = await StartAsync(system);
        copy.Rows.ShouldBe(await world.ViewAsync());

        await world.AddAsync(stream, 1, 2);
        await world.AtTheHeadAsync();
        await copy.ReadAsync();
        copy.Messages.ShouldBe(
        [
            $$$"""changes {"position":"501","changes":[{"key":{"id":"{{{stream}}}"},"before":null,"after":{"id":"{{{stream}}}","total":1,"events":1}}]}""",
            $$$"""changes {"position":"502","changes":[{"key":{"id":"{{{stream}}}"},"before":{"id":"{{{stream}}}","total":1,"events":1},"after":{"id":"{{{stream}}}","total":3,"events":2}}]}""",
        ]);

        foreach (var number in new[] { 2, 1, 2 })
        {
            await world.AddAsync(TallyWorld.StreamOf(1), 3, 1);
            await world.AddAsync(Guid.NewGuid(), 3);
            await world.AddAsync(Guid.NewGuid(), 7);
            await world.AtTheHeadAsync();
            await World.SwitchAsync(system, "tally", number);
            await SettledAsync(world);
            await copy.ReadAsync();

            copy.Messages[^1].ShouldStartWith("settled ");
            copy.Rows.ShouldBe(await world.ViewAsync(), $"v{number}");
            copy.Messages.ShouldContain(message => message.StartsWith("switched ", StringComparison.Ordinal) && message.Contains("\"clear\":false", StringComparison.Ordinal));
            await world.AddAsync(stream, 3, 4, 5);
            await world.AtTheHeadAsync();
            (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync(), $"after v{number}");
        }
    }

    [PostgresFact]
    public async Task Rows_in_which_two_versions_differ_are_those_of_the_switch_however_much_has_changed_since()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await BuildAsync(world, Skipping);
        var copy = await StartAsync(system);
        var (gone, made, grown) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await world.AddAsync(gone, 3);
        await world.AddAsync(grown, 3, 4);
        await world.AtTheHeadAsync();
        var before = await world.ViewAsync("tally_v2");

        // Another follows, and keeps no feeds.
        await world.StopAsync(worker);
        var follower = Worker.Start(system, TallyWorld.Tally);
        await world.EventuallyAsync("select bool_and(lease_until > clock_timestamp()) from projections.version", true);
        await World.SwitchAsync(system, "tally", 2);
        // Of rows that differ and that do not; that one version passes over, that it makes anew, and that the other has alone; and back.
        await world.AddAsync(gone, 3, 3);
        await world.AddAsync(made, 1);
        await world.AddAsync(grown, 3, 10);
        await world.AddAsync(TallyWorld.StreamOf(2), 3);
        await world.AddAsync(TallyWorld.StreamOf(3), 1, 2);
        await world.AddAsync(TallyWorld.StreamOf(4), 9, 2);
        await world.AtTheHeadAsync();
        await copy.ReadAsync();
        copy.Messages.ShouldNotContain(message => message.StartsWith("switched", StringComparison.Ordinal));
        await World.SwitchAsync(system, "tally", 1);
        await world.AddAsync(made, 3, 3);
        await world.AtTheHeadAsync();
        await follower.DisposeAsync();

        world.Start(system);
        await SettledAsync(world);
        await copy.ReadAsync();
        copy.Messages.Count(message => message.StartsWith("settled", StringComparison.Ordinal)).ShouldBe(2);
        copy.Rows.ShouldBe(await world.ViewAsync());
        (await world.Database.ScalarAsync<long>("select count(*) from projections.feed_touched")).ShouldBe(0);
        before.ShouldNotBeEmpty();
    }

    [PostgresFact]
    public async Task With_another_column_all_rows_follow_and_with_one_less_a_copy_drops_it()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, TallyWorld.Both);
        var copy = await StartAsync(system);

        await World.SwitchAsync(system, "tally", 2);
        await world.AddAsync(TallyWorld.StreamOf(1), 5);
        await world.AtTheHeadAsync();
        await SettledAsync(world);
        await copy.ReadAsync();
        copy.Messages[0].ShouldContain("""
            "clear":true,"key":["id"],"columns":["id","total","events","biggest"],"lost":[],"gained":["biggest"]
            """.Trim());
        copy.Rows.ShouldBe(await world.ViewAsync());

        await World.SwitchAsync(system, "tally", 1);
        await SettledAsync(world);
        await copy.ReadAsync();
        copy.Messages.Count.ShouldBe(2);
        copy.Messages[0].ShouldContain("\"clear\":false");
        copy.Messages[0].ShouldContain("\"lost\":[\"biggest\"]");
        copy.Rows.ShouldBe(await world.ViewAsync());

        await World.SwitchAsync(system, "tally", 2, new SwitchCommand { KeepContract = true });
        await world.AddAsync(TallyWorld.StreamOf(1), 6);
        await world.AtTheHeadAsync();
        await SettledAsync(world);
        (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync());
        copy.Rows.ShouldAllBe(row => !row.Contains("biggest"));

        await new WidenContractCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.AddAsync(TallyWorld.StreamOf(1), 7);
        await world.AtTheHeadAsync();
        await SettledAsync(world);
        (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync());
        copy.Rows.ShouldAllBe(row => row.Contains("biggest"));
    }

    [PostgresFact]
    public async Task A_version_that_is_removed_before_the_rows_are_found_is_replaced_by_all_rows_of_the_other()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await BuildAsync(world, Skipping);
        var copy = await StartAsync(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 3);
        await world.AtTheHeadAsync();
        await world.StopAsync(worker);
        await World.SwitchAsync(system, "tally", 2);
        await new RetireCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);

        world.Start(system);
        await SettledAsync(world);
        await world.AddAsync(TallyWorld.StreamOf(1), 4);
        await world.AtTheHeadAsync();
        await copy.ReadAsync();
        copy.Messages.ShouldContain(message => message.StartsWith("switched ", StringComparison.Ordinal) && message.Contains("\"clear\":true", StringComparison.Ordinal));
        copy.Rows.ShouldBe(await world.ViewAsync());
    }

    [PostgresFact]
    public async Task A_live_version_that_was_paused_and_one_that_failed_lose_nothing()
    {
        await using var world = await World.CreateAsync(postgres);
        var live = new TallyV1();
        var (system, _) = await BuildAsync(world, ProjectionRegistry.Of(live, new SkippingTallyV2()));
        var copy = await StartAsync(system);
        await new PauseCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Paused);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 2, 3);
        await world.EventuallyAsync("select (select position_major from projections.version where number = 2) >= (select max(seq_id) from events.mt_events)", true);
        (await copy.ReadAsync()).Messages.ShouldBeEmpty();
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Live);
        await world.AddAsync(TallyWorld.StreamOf(2), 3);
        await world.AtTheHeadAsync();
        (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync());

        live.Folding = amount => _ = amount == 13 ? throw new InvalidOperationException("Thirteen!") : amount;
        await world.AddAsync(TallyWorld.StreamOf(1), 3, 13, 1);
        await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        await world.AddAsync(TallyWorld.StreamOf(2), 5);
        await world.EventuallyAsync("select (select position_major from projections.version where number = 2) >= (select max(seq_id) from events.mt_events)", true);
        (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync());
        await World.SwitchAsync(system, "tally", 2);
        live.Folding = _ => { };
        // It goes on by itself, from where it was.
        await new ResumeCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.AddAsync(TallyWorld.StreamOf(2), 5);
        await world.AtTheHeadAsync();
        await SettledAsync(world);
        (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync());
        await world.BecomesAsync("tally", 1, VersionState.Standby);
        await World.SwitchAsync(system, "tally", 1);
        await SettledAsync(world);
        (await copy.ReadAsync()).Rows.ShouldBe(await world.ViewAsync());
    }

    [PostgresFact]
    public async Task Rows_that_change_out_of_turn_are_told_too()
    {
        await using var world = await World.CreateAsync(postgres);
        var live = new TallyV1 { Policy = PoisonPolicy.SetAside, Folding = amount => _ = amount == 13 ? throw new FormatException("Thirteen!") : amount };
        var (system, _) = await BuildAsync(world, ProjectionRegistry.Of(live, new SkippingTallyV2()));
        var copy = await StartAsync(system);
        var stream = Guid.NewGuid();
        await world.AddAsync(stream, 1, 13, 2);
        await world.EventuallyAsync("select count(*) from projections.dead_letter where status = 'waiting'", 1L);
        await world.AtTheHeadAsync();
        live.Folding = _ => { };
        await new RetryDeadLettersCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync("select status from projections.dead_letter", "resolved");
        await copy.ReadAsync();
        copy.Messages[^1].ShouldStartWith("""changes {"position":"503",""");
        copy.Rows.ShouldBe(await world.ViewAsync());

        await world.Database.ExecuteAsync($"update tally_v1 set total = 0 where id = '{TallyWorld.StreamOf(1)}'; delete from tally_v1 where id = '{TallyWorld.StreamOf(2)}'");
        var spoilt = await world.ViewAsync();
        await new RepairCommand { Projection = TallyWorld.Tally, Version = 1, Keys = [TallyWorld.StreamOf(1).ToString(), TallyWorld.StreamOf(2).ToString()] }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.EventuallyAsync($"select count(*) from tally where id in ('{TallyWorld.StreamOf(1)}', '{TallyWorld.StreamOf(2)}') and total > 0", 2L);
        (await world.ViewAsync()).ShouldNotBe(spoilt);
        (await world.Database.ScalarAsync<long>("select count(*) from projections.feed_entry where kind = 'correction'")).ShouldBe(2);
        // Whoever had the rows before somebody else spoilt them has them now.
        copy.Rows.ShouldBe(await world.ViewAsync());
    }

    [PostgresFact]
    public async Task Who_begins_at_a_position_gets_what_follows_it_and_who_comes_too_late_is_told()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, Skipping);
        (await Should.ThrowAsync<FeedOff>(ReadAsync(system, FeedStart.Snapshot))).Message.ShouldContain("projections feed tally start");
        await StartAsync(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 1, 1, 1, 1);
        await world.AtTheHeadAsync();

        (await ReadAsync(system, FeedStart.After(new EventPosition(502)))).ShouldBe(["changes 503", "changes 504"]);
        (await ReadAsync(system, FeedStart.After(new EventPosition(500)))).Count.ShouldBe(4);
        (await ReadAsync(system, FeedStart.After(new EventPosition(504)))).ShouldBeEmpty();
        (await Should.ThrowAsync<FeedGone>(ReadAsync(system, FeedStart.After(new EventPosition(499))))).Message.ShouldContain("does not go back to position 499");

        var copy = await new FeedCopy(system, TallyWorld.Tally).ReadAsync();
        await new StartFeedCommand { Projection = TallyWorld.Tally, Keep = TimeSpan.FromDays(1), KeepRows = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        for (var i = 0; i < 5; i++)
        {
            await world.AddAsync(TallyWorld.StreamOf(1), 1);
            await world.AtTheHeadAsync();
        }

        await new FeedPruning(system).RunAsync(CancellationToken.None);
        (await world.Database.ScalarAsync<long>("select sum(rows) from projections.feed_entry")).ShouldBe(2);
        await Should.ThrowAsync<FeedGone>(copy.ReadAsync());
        (await Should.ThrowAsync<FeedGone>(ReadAsync(system, FeedStart.After(new EventPosition(504))))).Message.ShouldContain("Read it from a snapshot");
        (await ReadAsync(system, FeedStart.After(new EventPosition(508)))).ShouldBe(["changes 509"]);

        copy = await new FeedCopy(system, TallyWorld.Tally).ReadAsync();
        await new StopFeedCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await Should.ThrowAsync<FeedOff>(copy.ReadAsync());
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await world.AtTheHeadAsync();
        await new StartFeedCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        await Should.ThrowAsync<FeedGone>(copy.ReadAsync());
        await new FeedPruning(system).RunAsync(CancellationToken.None);
        await Should.ThrowAsync<FeedGone>(copy.ReadAsync());
        (await (await new FeedCopy(system, TallyWorld.Tally).ReadAsync()).ReadAsync()).Rows.ShouldBe(await world.ViewAsync());
    }

    [PostgresFact]
    public async Task Rows_that_change_while_a_switch_is_settled_are_found_by_keys_of_all_types()
    {
        await using var world = await World.CreateAsync(postgres);
        var system = await world.OpenAsync(ProjectionRegistry.Of(new KeyedTally(1), new KeyedTally(2)));
        var keyed = new ProjectionName("keyed_tally");
        var worker = world.Start(system);
        await world.AddAsync(TallyWorld.StreamOf(1), 0, 1, 2, 11, 12, 13);
        await world.BuildAndSwitchAsync(system, "keyed_tally", 1);
        await world.BuildAsync(system, "keyed_tally", 2);
        await new StartFeedCommand { Projection = keyed }.RunAsync(system, World.Someone, CancellationToken.None);
        var copy = await new FeedCopy(system, keyed).ReadAsync();
        await world.StopAsync(worker);
        var follower = Worker.Start(system, keyed);
        await world.EventuallyAsync("select bool_and(lease_until > clock_timestamp()) from projections.version", true);
        await World.SwitchAsync(system, "keyed_tally", 2);
        // Rows that are the same in both, that differ, and that are new.
        await world.AddAsync(TallyWorld.StreamOf(1), 0, 1, 12, 3, 14);
        await world.AtTheHeadAsync("keyed_tally");
        (await world.Database.ScalarAsync<long>("select count(*) from projections.feed_touched")).ShouldBe(10);
        await follower.DisposeAsync();

        world.Start(system);
        await SettledAsync(world);
        await copy.ReadAsync();
        copy.Rows.ShouldBe(await world.ColumnAsync("select to_json(t)::text from keyed_tally t"), ignoreOrder: true);
        copy.Messages.Count(message => message.StartsWith("settled", StringComparison.Ordinal)).ShouldBe(1);
    }

    [PostgresFact]
    public async Task What_becomes_of_a_feed_is_told()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, worker) = await BuildAsync(world, Skipping);
        (await FeedReport.ReadAsync(system, CancellationToken.None)).ShouldBeEmpty();
        await StartAsync(system);
        var on = await ReportAsync(system);
        (on.GoesBackTo, on.PendingVersion, on.IsPublished, on.UnpublishedSince).ShouldBe((new EventPosition(500), null, false, null));
        await new StartFeedCommand { Projection = TallyWorld.Tally, Publish = true }.RunAsync(system, World.Someone, CancellationToken.None);
        var published = await ReportAsync(system);
        (published.IsPublished, published.UnpublishedSince).ShouldBe((true, null));
        published.Since.ShouldBe(on.Since);

        await world.StopAsync(worker);
        await World.SwitchAsync(system, "tally", 2);
        var pending = await ReportAsync(system);
        pending.PendingVersion.ShouldBe(2);
        pending.PendingSince.ShouldNotBeNull().ShouldBeGreaterThan(on.Since);
        pending.UnpublishedSince.ShouldBe(pending.PendingSince);
        world.Start(system);
        await SettledAsync(world);
        (await ReportAsync(system)).PendingVersion.ShouldBeNull();
        (await ProjectionReport.ReadAsync(system, TallyWorld.Tally, CancellationToken.None)).Single().Feed.ShouldNotBeNull().UnpublishedSince.ShouldNotBeNull();
    }

    [PostgresFact]
    public async Task Off_it_writes_nothing_and_SQL_projections_have_none()
    {
        await using var world = await World.CreateAsync(postgres);
        var (system, _) = await BuildAsync(world, Skipping);
        await world.AddAsync(TallyWorld.StreamOf(1), 1);
        await World.SwitchAsync(system, "tally", 2);
        await world.AtTheHeadAsync();
        (await world.Database.ScalarAsync<long>("select count(*) from projections.feed_entry")).ShouldBe(0);

        await using var other = await World.CreateAsync(postgres);
        await other.SeedTalliesAsync(10);
        var statements = await other.OpenAsync(ProjectionRegistry.Of(new SqlTallyV1()));
        other.Start(statements);
        await other.BuildAndSwitchAsync(statements, "tally", 1);
        (await Should.ThrowAsync<OperationRefused>(StartAsync(statements))).Message.ShouldContain("made of SQL statements");
    }

    private static async Task<(ProjectionSystem System, Worker Worker)> BuildAsync(World world, ProjectionRegistry registry)
    {
        await world.SeedTalliesAsync(500);
        var system = await world.OpenAsync(registry);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.BuildAsync(system, "tally", 2);
        return (system, worker);
    }

    private static async Task<FeedCopy> StartAsync(ProjectionSystem system)
    {
        await new StartFeedCommand { Projection = TallyWorld.Tally }.RunAsync(system, World.Someone, CancellationToken.None);
        return await new FeedCopy(system, TallyWorld.Tally).ReadAsync();
    }

    private static async Task<FeedReport> ReportAsync(ProjectionSystem system) => (await FeedReport.ReadAsync(system, CancellationToken.None))[TallyWorld.Tally];

    private static Task SettledAsync(World world) => world.EventuallyAsync("select count(*) from projections.feed_entry where is_pending", 0L);

    /// <summary>What there is behind a place: <c>kind position</c>.</summary>
    private static async Task<IReadOnlyList<string>> ReadAsync(ProjectionSystem system, FeedStart start)
    {
        var found = new List<string>();
        await foreach (var message in new FeedReader(system, TallyWorld.Tally).ReadAsync(start, once: true, CancellationToken.None))
        {
            using var document = System.Text.Json.JsonDocument.Parse(message.Json);
            found.Add($"{message.Name} {document.RootElement.GetProperty("position").GetString()}");
        }

        return found;
    }
}
