using System.Text;
using Projections.Catalog;
using Projections.Definitions;
using Projections.EndToEnd.LateEvents;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.EventStoreDb;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;
using Projections.Operations;
using Projections.Planning;
using Projections.ReadModels.InvoiceSummary.V1;
using Projections.ReadModels.Invoicing;
using Projections.Switching;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd;

/// <summary>What holds for events in PostgreSQL holds for events in EventStoreDB.</summary>
public sealed class EventStoreDbTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private static readonly ProjectionRegistry Invoices = ProjectionRegistry.FromAssemblies(typeof(InvoiceSummaryV1).Assembly);

    private static readonly EventStoreDbSourceOptions Options =
        new() { StreamsAreUuids = true, RetryPause = TimeSpan.FromMilliseconds(5), SearchPatience = TimeSpan.FromMilliseconds(500) };

    [PostgresTheory, OnTestServer, OnRealServer]
    public async Task A_version_is_rebuilt_switched_to_rolled_back_and_retired_and_equals_the_one_that_is_built_from_postgres(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var history = new InvoicingHistory(400) { Seed = AnySeed(), CorrectionsPerThousand = 100, OpenAtOnce = 100 };
        await AppendAsync(store, history);

        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, store, Invoices);
        world.Start(system);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 1);
        await world.BuildAndSwitchAsync(system, "invoice_summary", 2);

        var invoice = Guid.NewGuid();
        await store.AppendAsync($"invoice-{invoice}", "invoice_issued", """{"number":"R-1","customer":"ana","currency":"EUR","dueOn":"2026-01-01"}""");
        await world.EventuallyAsync($"select count(*) from invoice_summary where invoice_id = '{invoice}'", 1L);
        (await world.Database.ScalarAsync<long>($"select count(*) from invoice_summary_v1 where invoice_id = '{invoice}'")).ShouldBe(1);
        await new RollbackCommand { Projection = new ProjectionName("invoice_summary") }.RunAsync(system, World.Someone, CancellationToken.None);
        await new RetireCommand { Projection = new ProjectionName("invoice_summary"), Version = 2 }.RunAsync(system, World.Someone, CancellationToken.None);
        (await world.Database.ScalarAsync<bool>("select to_regclass('invoice_summary_v2') is null")).ShouldBeTrue();

        await ShouldBeAsFromPostgresAsync(world, history, but: invoice);
    }

    [PostgresTheory, OnTestServer, OnRealServer]
    public async Task A_worker_that_is_killed_in_mid_fold_while_what_it_has_read_is_scavenged_ends_with_the_rows_that_are_built_from_postgres(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        using var appender = new EventStoreAppender(store.ConnectionString);
        var history = new InvoicingHistory(200) { Seed = AnySeed(), CorrectionsPerThousand = 100, OpenAtOnce = 50 };
        var events = await AppendAsync(store, history);
        // What others have in a real server is not to be in the table: a worker of its own process reads the test's category.
        var category = store.Named("invoice");
        await using var world = await World.CreateAsync(postgres);
        var source = await EventStoreDbSource.OpenAsync(store.ConnectionString, Options with { Target = LogTarget.OfCategory(category) });
        var system = await world.OpenAsync(Invoices, source: source);
        await Deadline.UntilAsync(() => source.GetSafeHeadAsync(CancellationToken.None), head => head.Position.Major == events - 1, "link all events");
        // So slow that the replay is not over before the last kill, however long a worker takes to start.
        await World.AskToBuildAsync(system, "invoice_summary", 1, throttle: 10);

        var before = (Epoch: default(LeaseEpoch), Checkpoint: EventPosition.BeforeFirst);
        for (var kill = 1; kill <= (kind == StoreKind.RealServer ? 4 : 2); kill++)
        {
            await using var worker = WorkerProcess.Start(world, SettingsOf(store, category), "run");
            // Some is committed, but for the first one, and some is in memory and in no table.
            await world.UntilAsync(
                "invoice_summary",
                1,
                version => version is { State: VersionState.Replaying, IsLeased: true, EventsInProgress: > 0 } && version.LeaseEpoch > before.Epoch && (kill == 1 || version.Checkpoint > before.Checkpoint),
                "in mid-fold");
            await worker.KillAsync();
            var left = await world.UntilAsync("invoice_summary", 1, version => !version.IsLeased, "let go of");
            before = (left.LeaseEpoch, left.Checkpoint ?? EventPosition.BeforeFirst);

            // Where the next worker goes on from, there is nothing any more.
            await appender.AppendAsync($"$$$ce-{category}", StreamState.Any, [new EventToAppend("$metadata", Encoding.UTF8.GetBytes($$"""{"$tb":{{before.Checkpoint.Major + 1}}}"""))]);
            await store.ScavengeAsync();
        }

        before.Checkpoint.ShouldBeGreaterThan(EventPosition.BeforeFirst);
        world.Start(system);
        await new SetThrottleCommand { Projection = new ProjectionName("invoice_summary"), Version = 1 }.RunAsync(system, World.Someone, CancellationToken.None);
        await world.BecomesAsync("invoice_summary", 1, VersionState.Ready);
        await ShouldBeAsFromPostgresAsync(world, history);
    }

    [PostgresTheory, OnTestServer, OnRealServer]
    public async Task A_rebuild_goes_on_from_its_checkpoint_over_a_restart_of_the_worker(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await AddTalliesAsync(store, 30_000);
        await RebuildInPiecesAsync(() => OpenAsync(store), () => Task.CompletedTask);
    }

    [PostgresFact]
    public async Task A_rebuild_goes_on_from_its_checkpoint_over_restarts_of_worker_and_store()
    {
        await using var node = await TestNode.StartAsync();
        AddTallies(node.Log, 30_000);
        await RebuildInPiecesAsync(
            async () => await EventStoreDbSource.OpenAsync(node.ConnectionString, Options),
            async () =>
            {
                await node.StopAsync();
                await node.StartAgainAsync();
            });
    }

    [PostgresTheory, OnTestServer, OnRealServer]
    public async Task Events_that_cannot_be_decoded_stop_the_version_or_become_dead_letters_with_their_bytes(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await AddTalliesAsync(store, 100);
        await store.AppendAsync(
            $"tally-{TallyWorld.StreamOf(3)}",
            new EventToAppend(TallyEvents.Added, new byte[] { 0xCA, 0xFE }) { ContentType = "application/octet-stream", Metadata = "{\"$correlationId\":\"c\"}"u8.ToArray() });
        var poison = await LastAsync(store);
        await AddTalliesAsync(store, 100);
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, store, ProjectionRegistry.Of(new TallyV1(), new TallyV2 { Policy = PoisonPolicy.SetAside }));
        world.Start(system);

        await World.AskToBuildAsync(system, "tally", 1);
        var failed = await world.UntilAsync("tally", 1, version => version.State == VersionState.Failed, "failed");
        failed.FailurePosition.ShouldBe(poison);

        await World.AskToBuildAsync(system, "tally", 2);
        await world.BecomesAsync("tally", 2, VersionState.Ready);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v2")).ShouldBe(200);
        (await world.ColumnAsync("select concat_ws(' ', position_major, stream, type, encode(data, 'hex'), convert_from(metadata, 'utf8')) from projections.dead_letter"))
            .ShouldBe([$"{poison.Major} {TallyWorld.StreamOf(3)} added cafe {{\"$correlationId\":\"c\"}}"]);
    }

    [PostgresFact]
    public async Task A_store_that_was_restored_to_an_earlier_point_breaks_the_version()
    {
        await using var node = await TestNode.StartAsync();
        AddTallies(node.Log, 500);
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, node, TallyWorld.Both);
        var worker = world.Start(system);
        await world.BuildAndSwitchAsync(system, "tally", 1);
        await world.StopAsync(worker);
        await node.StopAsync();
        node.Log.Restore(200);
        await node.StartAgainAsync();

        world.Start(await OpenAsync(world, node, TallyWorld.Both));

        var failed = await world.UntilAsync("tally", 1, version => version.Failure is not null, "failed");
        failed.Failure!.ShouldContain("restored to an earlier point");
    }

    [PostgresFact]
    public async Task A_version_is_not_built_from_streams_that_have_lost_their_beginning_unless_it_says_what_becomes_of_them()
    {
        await using var node = await TestNode.StartAsync();
        AddScavengedTally(node.Log);
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, node, ProjectionRegistry.Of(new StrictTally()));
        world.Start(system);

        await World.AskToBuildAsync(system, "strict_tally", 1);

        var refused = await world.UntilAsync("strict_tally", 1, version => version.Failure is not null, "refused");
        refused.Failure!.ShouldContain($"1 stream has lost its beginning (2 events): '{TallyWorld.StreamOf(2)}' begins at revision 2.");
        refused.Failure!.ShouldContain("StreamsWithoutBeginning.Skip");
        refused.HasTable.ShouldBeFalse();
    }

    [PostgresTheory]
    [InlineData(StreamsWithoutBeginning.Skip, new long[] { 11 })]
    [InlineData(StreamsWithoutBeginning.Fold, new long[] { 2, 11 })]
    public async Task Streams_that_have_lost_their_beginning_are_left_out_or_folded_as_the_version_says(StreamsWithoutBeginning choice, long[] totals)
    {
        await using var node = await TestNode.StartAsync();
        AddScavengedTally(node.Log);
        await using var world = await World.CreateAsync(postgres);
        var system = await OpenAsync(world, node, ProjectionRegistry.Of(new StrictTally { Choice = choice }));
        world.Start(system);

        var plan = await new Plan(system).RunAsync(new ProjectionName("strict_tally"), 1, CancellationToken.None);
        await World.AskToBuildAsync(system, "strict_tally", 1);
        await world.BecomesAsync("strict_tally", 1, VersionState.Ready);

        plan.Remarks.ShouldContain(remark => remark.Contains("1 stream has lost its beginning") && remark.Contains($"{choice}"));
        (await world.ColumnAsync("select t.total::text from strict_tally_v1 t order by t.total")).ShouldBe(totals.Select(total => $"{total}"));
    }

    // One stream is whole, with a limit that it has not reached; of another a scavenge has left the end.
    private static void AddScavengedTally(TestLog log)
    {
        var (whole, cut) = ($"tally-{TallyWorld.StreamOf(1)}", $"tally-{TallyWorld.StreamOf(2)}");
        TestEvent Of(string type, int amount) => TestEvent.Json(type, $$"""{"amount":{{amount}}}""");
        log.Append(whole, Of(StrictTally.Opened, 10), Of(TallyEvents.Added, 1));
        log.Append("$$" + whole, TestEvent.Json("$metadata", """{"$maxCount":100}"""));
        log.Append(cut, Of(StrictTally.Opened, 5), Of(TallyEvents.Added, 1), Of(TallyEvents.Added, 2));
        log.Append("$$" + cut, TestEvent.Json("$metadata", """{"$tb":2}"""));
        log.Scavenge();
    }

    private async Task RebuildInPiecesAsync(Func<Task<IEventSource>> open, Func<Task> disturbAsync)
    {
        await using var world = await World.CreateAsync(postgres);
        var elsewhere = await world.OpenAsync(TallyWorld.Both, source: await open());
        var worker = world.Start(await world.OpenAsync(TallyWorld.Both, options => options.ReplayCommitInterval = TimeSpan.FromMilliseconds(50), source: await open()));
        await World.AskToBuildAsync(elsewhere, "tally", 1, throttle: 10_000);
        var begun = await world.UntilAsync("tally", 1, version => version.EventsDone > 1_000, "begun");
        begun.State.ShouldBe(VersionState.Replaying);

        await disturbAsync();
        var further = await world.UntilAsync("tally", 1, version => version.EventsDone > begun.EventsDone + 1_000, "further");
        await world.StopAsync(worker);
        world.Start(await world.OpenAsync(TallyWorld.Both, source: await open()));
        await new SetThrottleCommand { Projection = TallyWorld.Tally, Version = 1 }.RunAsync(elsewhere, World.Someone, CancellationToken.None);
        await world.BecomesAsync("tally", 1, VersionState.Ready);

        further.State.ShouldBe(VersionState.Replaying);
        (await world.Database.ScalarAsync<long>("select sum(total)::bigint from tally_v1")).ShouldBe(30_000);
        (await world.Database.ScalarAsync<long>("select sum(events)::bigint from tally_v1")).ShouldBe(30_000);
    }

    private static (string Setting, string Value)[] SettingsOf(StoreUnderTest store, string category) =>
    [
        ("Events__Kind", "eventstoredb"),
        ("Events__Category", category),
        ("Events__StreamsAreUuids", "true"),
        ("ConnectionStrings__Events", store.ConnectionString),
        ("Projections__ReplayCommitInterval", "00:00:01"),
    ];

    // A real server keeps what other runs have appended: no two are to have the same invoices.
    private static int AnySeed() => Random.Shared.Next();

    private static async Task<int> AppendAsync(StoreUnderTest store, InvoicingHistory history)
    {
        var count = 0;
        foreach (var e in history.Events())
        {
            await store.AppendAsync($"invoice-{e.Invoice}", new EventToAppend(e.Type, e.Data));
            count++;
        }

        return count;
    }

    /// <summary>Compares the rows with those of the same history in PostgreSQL, but for an invoice that is not part of it.</summary>
    private async Task ShouldBeAsFromPostgresAsync(World world, InvoicingHistory history, Guid but = default)
    {
        await using var reference = await World.CreateAsync(postgres);
        await reference.Store.SeedAsync(history.Events().Select(e =>
            new PostgresEvents.Marten.MartenEvent(new StreamId(e.Invoice), e.StreamVersion, e.Type, Encoding.UTF8.GetString(e.Data), e.Time)));
        var fromPostgres = await reference.OpenAsync(Invoices);
        reference.Start(fromPostgres);
        await reference.BuildAsync(fromPostgres, "invoice_summary", 1);

        // When an event was stored is each store's own affair.
        var query = $"select (to_jsonb(v) - 'issued_at' - 'last_payment_at')::text from invoice_summary_v1 v where invoice_id <> '{but}' order by invoice_id";
        var rows = await world.ColumnAsync(query);
        rows.Count.ShouldBeGreaterThan(100);
        rows.ShouldBe(await reference.ColumnAsync(query));
    }

    // What others have in a real server is not to be in the tables.
    private static async Task<ProjectionSystem> OpenAsync(World world, StoreUnderTest store, ProjectionRegistry registry) =>
        await world.OpenAsync(registry, source: await OpenAsync(store));

    private static async Task<IEventSource> OpenAsync(StoreUnderTest store)
    {
        var all = await EventStoreDbSource.OpenAsync(store.ConnectionString, Options);
        return store.Kind == StoreKind.RealServer ? store.OwnOf(all) : all;
    }

    private static async Task<ProjectionSystem> OpenAsync(World world, TestNode node, ProjectionRegistry registry) =>
        await world.OpenAsync(registry, source: await EventStoreDbSource.OpenAsync(node.ConnectionString, Options));

    private static async Task<EventPosition> LastAsync(StoreUnderTest store)
    {
        await using var source = store.OwnOf(await EventStoreDbSource.OpenAsync(store.ConnectionString, Options));
        return (await source.GetSafeHeadAsync(CancellationToken.None)).Position;
    }

    private static async Task AddTalliesAsync(StoreUnderTest store, int count)
    {
        var added = Enumerable.Range(0, count / 100).Select(_ => new EventToAppend(TallyEvents.Added, """{"amount":1}"""u8.ToArray())).ToArray();
        for (var stream = 0; stream < 100; stream++)
        {
            await store.AppendAsync($"tally-{TallyWorld.StreamOf(stream)}", [.. added.Select(one => one with { Id = Guid.NewGuid() })]);
        }
    }

    private static void AddTallies(TestLog log, int count)
    {
        for (var i = 0; i < count; i++)
        {
            log.Append($"tally-{TallyWorld.StreamOf(i % 100)}", TestEvent.Json(TallyEvents.Added, """{"amount":1}"""));
        }
    }
}
