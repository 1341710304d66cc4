using Projections.EndToEnd.LateEvents;
using Projections.EndToEnd.Tallies;
using Projections.Events;
using Projections.EventStoreDb;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;
using Projections.PostgresEvents;
using Projections.PostgresEvents.Marten;
using Projections.Replay;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.EndToEnd.LostHistory;

/// <summary>
/// Ten ways in which a store loses events: each is found before a version is built. In each there is a stream that is whole, and one of three events of
/// which some are gone.
/// </summary>
public sealed class TenWaysToLoseHistoryTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    private const string Whole = "tally-1";
    private const string Cut = "tally-2";
    private const string Metadata = "$metadata";

    private static readonly StreamId WholeStream = new(TallyWorld.StreamOf(1));
    private static readonly StreamId CutStream = new(TallyWorld.StreamOf(2));

    [Fact]
    public async Task One_A_stream_that_was_deleted_softly() =>
        (await FitAfterScavengeAsync(log => log.Delete(Cut, forGood: false))).Obstacles.ShouldBe([InAll("1 stream has lost its beginning (2 events): 'tally-2' begins at revision 2.")]);

    [Fact]
    public async Task Two_A_stream_that_was_truncated() =>
        (await FitAfterScavengeAsync(log => log.Append("$$" + Cut, TestEvent.Json(Metadata, """{"$tb":1}"""))))
            .Obstacles.ShouldBe([InAll("1 stream has lost its beginning (1 events): 'tally-2' begins at revision 1.")]);

    [Fact]
    public async Task Three_A_stream_of_which_so_many_events_are_kept() =>
        (await FitAfterScavengeAsync(log => log.Append("$$" + Cut, TestEvent.Json(Metadata, """{"$maxCount":2}"""))))
            .Obstacles.ShouldBe([InAll("1 stream has lost its beginning (1 events): 'tally-2' begins at revision 1.")]);

    [Fact]
    public async Task Four_A_stream_whose_events_are_kept_for_so_long()
    {
        var clock = new Clock();
        var fit = await FitAfterScavengeAsync(
            log =>
            {
                log.Append("$$" + Cut, TestEvent.Json(Metadata, """{"$maxAge":3600}"""));
                clock.Now += TimeSpan.FromDays(1);
                log.Append(Cut, Added);
            },
            clock);

        fit.Obstacles.ShouldBe([InAll("1 stream has lost its beginning (3 events): 'tally-2' begins at revision 3.")]);
    }

    [Fact]
    public async Task Five_A_stream_that_was_deleted_for_good()
    {
        var fit = await FitAfterScavengeAsync(log => log.Delete(Cut, forGood: true));

        fit.Obstacles.ShouldBeEmpty();
        fit.Remarks.ShouldBe(["In eventstoredb $all 1 stream was deleted for good, and a scavenge has left nothing of it: 'tally-2'."]);
    }

    [Fact]
    public async Task Six_A_stream_of_a_category_in_which_links_lead_to_events_that_were_scavenged() =>
        (await FitAfterScavengeAsync(
            log => log.Append("$$" + Cut, TestEvent.Json(Metadata, """{"$maxCount":1}""")), target: LogTarget.OfCategory("tally")))
            .Obstacles.ShouldBe([Refusal("eventstoredb $ce-tally", "1 stream has lost its beginning (2 events): 'tally-2' begins at revision 2.")]);

    [PostgresFact]
    public async Task Seven_A_stream_that_Marten_has_compacted()
    {
        await using var world = await CreateAsync(MartenLayout.Default);
        await world.Database.ExecuteAsync(
            $"""
            update events.mt_events set type = 'Compacted<Tally>' where stream_id = '{CutStream}' and version = 3;
            delete from events.mt_events where stream_id = '{CutStream}' and version < 3
            """);

        (await FitAsync(world)).Obstacles.ShouldBe([Refusal(
            "marten events.mt_events",
            $"1 stream has lost its beginning (2 events): '{CutStream}' begins at version 3. The events of the type 'Compacted<Tally>' stand for what is gone: "
                + "map them to a type with the snapshot, and make the row of that (Creates, with WhenPresent.Replace), and such streams count as whole.")]);
    }

    [PostgresTheory]
    [InlineData("drop table events.mt_events_archived", "1 stream has none of its 3 events any more: '00000002-0000-0000-0000-000000000001'.", "3 of 6 event numbers")]
    [InlineData("delete from events.mt_events where tenant_id = 'gone'; delete from events.mt_streams where tenant_id = 'gone'", null, "3 of 6 event numbers")]
    public async Task Eight_An_archive_of_Marten_that_was_dropped_and_a_tenant_that_was_purged(string loss, string? told, string numbers)
    {
        await using var world = await CreateAsync(new MartenLayout { HasArchivePartitions = true, IsConjoined = true }, tenant: "gone");
        await world.Store.ArchiveAsync(CutStream, "gone");

        await world.Database.ExecuteAsync(loss);

        var fit = await FitAsync(world);
        fit.Obstacles.ShouldHaveSingleItem().ShouldContain("each tenant has streams of its own");
        fit.Remarks.Count.ShouldBe(told is null ? 1 : 2);
        fit.Remarks[^1].ShouldStartWith($"In marten events.mt_events {numbers} hold no event (the first that does is 1).");
        fit.Remarks[0].ShouldBe(told is null ? fit.Remarks[^1] : $"In marten events.mt_events {told}");
    }

    [PostgresFact]
    public async Task Nine_Rows_that_were_deleted_from_Martens_table()
    {
        await using var world = await CreateAsync(MartenLayout.Default);

        await world.Database.ExecuteAsync($"delete from events.mt_events where stream_id = '{CutStream}' and version = 1");

        (await FitAsync(world)).Obstacles.ShouldBe([Refusal("marten events.mt_events", $"1 stream has lost its beginning (1 events): '{CutStream}' begins at version 2.")]);
    }

    [PostgresFact]
    public async Task Ten_Messages_that_were_deleted_from_message_db()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            create schema message_store;
            create table message_store.messages (
                global_position bigserial primary key, position bigint not null, time timestamp default now() not null, stream_name text not null,
                type text not null, data jsonb, metadata jsonb, id uuid not null default gen_random_uuid());
            create unique index on message_store.messages (stream_name, position);
            insert into message_store.messages (stream_name, position, type, data)
            select stream, place, case place when 0 then 'opened' else 'added' end, '{"amount":1}' from unnest('{tally-1,tally-2}'::text[]) as stream, generate_series(0, 2) as place
            """);

        await database.ExecuteAsync("delete from message_store.messages where stream_name = 'tally-2' and position < 2");

        await using var source = await PostgresEventSource.OpenAsync(database.DataSource, EventTableMapping.MessageDb());
        (await SourceFit.FindAsync(source, new StrictTally(), CancellationToken.None)).Obstacles
            .ShouldBe([Refusal("message-db message_store.messages", "1 stream has lost its beginning (2 events): 'tally-2' begins at version 2.")]);
    }

    private static TestEvent Added => TestEvent.Json(TallyEvents.Added, """{"amount":1}""");

    private static string InAll(string told) => Refusal("eventstoredb $all", told);

    private static string Refusal(string source, string told) =>
        $"In {source} {told} Their rows cannot be what they were. Override WithoutBeginning: StreamsWithoutBeginning.Skip leaves such streams out, Fold makes rows of what is left.";

    private static async Task<SourceFit> FitAfterScavengeAsync(Action<TestLog> lose, Clock? clock = null, LogTarget? target = null)
    {
        await using var node = await TestNode.StartAsync(new TestLog { WritesCategories = true, Time = clock ?? TimeProvider.System });
        foreach (var stream in (string[])[Whole, Cut])
        {
            node.Log.Append(stream, TestEvent.Json(StrictTally.Opened, """{"amount":1}"""), Added, Added);
        }

        await using var source = await EventStoreDbSource.OpenAsync(node.ConnectionString, new EventStoreDbSourceOptions { Target = target ?? LogTarget.All });
        lose(node.Log);
        var before = await SourceFit.FindAsync(source, new StrictTally(), CancellationToken.None);
        node.Log.Scavenge();
        var fit = await SourceFit.FindAsync(source, new StrictTally(), CancellationToken.None);
        before.Obstacles.ShouldBe(fit.Obstacles, "What is found must not depend on whether the scavenge has run.");
        return fit;
    }

    private async Task<World> CreateAsync(MartenLayout layout, string? tenant = null)
    {
        var world = await World.CreateAsync(await postgres.CreateDatabaseAsync(), layout);
        foreach (var (stream, owner) in ((StreamId, string?)[])[(WholeStream, null), (CutStream, tenant)])
        {
            await world.Store.AppendAsync(stream, [(StrictTally.Opened, """{"amount":1}"""), (TallyEvents.Added, """{"amount":1}"""), (TallyEvents.Added, """{"amount":1}""")], tenant: owner);
        }

        return world;
    }

    private static async Task<SourceFit> FitAsync(World world)
    {
        await using var source = await SourceAsync(world);
        return await SourceFit.FindAsync(source, new StrictTally(), CancellationToken.None);
    }

    private static Task<PostgresEventSource> SourceAsync(World world) =>
        PostgresEventSource.OpenAsync(world.Sql, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
