using System.Text;
using Projections.Events;
using Projections.PostgresEvents.Layout;
using Projections.PostgresEvents.Marten;
using Projections.Testing;
using Projections.TestServers;

namespace Projections.PostgresEvents.Tests.Marten;

/// <summary>What Marten's options put into its tables, read. What each leaves there was looked up in tables that Marten 9.29 had filled.</summary>
public sealed class MartenEventsTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private static readonly StreamId First = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly StreamId Second = new(new Guid(2, 0, 0, new byte[8]));

    private TestDatabase _database = null!;

    public async Task InitializeAsync() => _database = await postgres.CreateDatabaseAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Archived_events_are_history_like_any_other(bool partitions)
    {
        var store = await CreateAsync(new MartenLayout { HasArchivePartitions = partitions });
        await AppendAsync(store, First, "placed", "paid");
        await AppendAsync(store, Second, "placed");
        await AppendAsync(store, First, "shipped");
        await store.ArchiveAsync(First);

        (await ReadAsync()).ShouldBe([$"1 {First} 1 placed", $"2 {First} 2 paid", $"3 {Second} 1 placed", $"4 {First} 3 shipped"]);
    }

    [PostgresFact]
    public async Task What_a_rich_session_appends_to_the_stream_that_it_archives_is_read_too()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await AppendAsync(store, First, "placed");
        await using (var session = await _database.DataSource.OpenConnectionAsync())
        {
            await using var transaction = await session.BeginTransactionAsync();
            await store.ArchiveAsync(session, First);
            await store.AppendAsync(session, First, [("shipped", "{}")]);
            await transaction.CommitAsync();
        }

        (await _database.ScalarAsync<bool>("SELECT s.is_archived AND NOT e.is_archived FROM events.mt_events AS e JOIN events.mt_streams AS s ON s.id = e.stream_id WHERE e.seq_id = 2"))
            .ShouldBeTrue();
        (await ReadAsync()).ShouldBe([$"1 {First} 1 placed", $"2 {First} 2 shipped"]);
    }

    [PostgresFact]
    public async Task Skipped_events_are_left_out()
    {
        var store = await CreateAsync(new MartenLayout { HasSkipping = true });
        await AppendAsync(store, First, "placed", "paid");
        await _database.ExecuteAsync("UPDATE events.mt_events SET is_skipped = true WHERE seq_id = 1");

        (await ReadAsync()).ShouldBe([$"2 {First} 2 paid"]);
    }

    [PostgresFact]
    public async Task Headers_come_with_correlation_causation_and_user()
    {
        var store = await CreateAsync(new MartenLayout { HasHeaders = true });
        await AppendAsync(store, First, "placed", "paid");
        await _database.ExecuteAsync(
            """
            UPDATE events.mt_events
            SET headers = '{"h": "v"}', correlation_id = 'why', causation_id = 'because', user_name = 'who'
            WHERE seq_id = 1
            """);

        await using var source = await OpenAsync();
        var metadata = new List<string>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, new EventPosition(2), EventFilter.All, CancellationToken.None))
        {
            metadata.AddRange(batch.Events.ToArray().Select(read => Encoding.UTF8.GetString(read.Metadata.Span)));
            batch.Dispose();
        }

        metadata.ShouldBe(["""{"h": "v", "user_name": "who", "causation_id": "because", "correlation_id": "why"}""", "{}"]);
    }

    [PostgresFact]
    public async Task Tagged_events_are_read()
    {
        var store = await CreateAsync(new MartenLayout { HasTags = true });
        await AppendAsync(store, First, "placed");
        await _database.ExecuteAsync("UPDATE events.mt_events SET tags = 'course=>1'");

        (await ReadAsync()).ShouldBe([$"1 {First} 1 placed"]);
    }

    [PostgresFact]
    public async Task Full_type_names_are_types_like_others()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await AppendAsync(store, First, "Shop.Orders+Placed", "Shop.Changed`1[[Shop.Price, Shop]]", "Shop.Orders+Paid");

        (await ReadAsync("Shop.Orders+Placed", "Shop.Changed`1[[Shop.Price, Shop]]"))
            .ShouldBe([$"1 {First} 1 Shop.Orders+Placed", $"2 {First} 2 Shop.Changed`1[[Shop.Price, Shop]]"]);
    }

    [PostgresFact]
    public async Task Numbers_go_beyond_32_bits()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await _database.ExecuteAsync("SELECT setval('events.mt_events_sequence', 3000000000)");
        await AppendAsync(store, First, "placed");

        (await ReadAsync()).ShouldBe([$"3000000001 {First} 1 placed"]);
    }

    [PostgresFact]
    public async Task Numbers_may_be_numeric()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await AppendAsync(store, First, "placed", "paid");
        await _database.ExecuteAsync("ALTER TABLE events.mt_events ALTER seq_id TYPE numeric, ALTER version TYPE numeric");

        (await ReadAsync()).ShouldBe([$"1 {First} 1 placed", $"2 {First} 2 paid"]);
    }

    [PostgresFact]
    public async Task A_binary_event_is_refused_where_it_is_wanted_and_passed_over_where_it_is_not()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await AppendAsync(store, First, "placed", "measured");
        await _database.ExecuteAsync(@"UPDATE events.mt_events SET bdata = '\x01' WHERE type = 'measured'");

        (await ReadAsync("placed")).ShouldBe([$"1 {First} 1 placed"]);
        (await Should.ThrowAsync<EventSourceUnusable>(() => ReadAsync("placed", "measured"))).Message
            .ShouldStartWith("The event 2 of type 'measured' in \"events\".\"mt_events\" holds its data in the binary column \"bdata\", not as JSON.");
    }

    [PostgresFact]
    public async Task A_binary_event_that_is_not_wanted_is_passed_over_by_a_reader_that_picks_types_itself()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await store.SeedAsync(Enumerable.Range(1, 100).Select(number => new MartenEvent(First, number, number == 50 ? "measured" : "placed", "{}", DateTime.UnixEpoch)));
        await _database.ExecuteAsync(@"UPDATE events.mt_events SET bdata = '\x01' WHERE type = 'measured'");

        (await LayoutAsync()).ReaderPicksTypes(EventFilter.OfTypes("placed")).ShouldBeTrue();
        (await ReadAsync("placed")).Count.ShouldBe(99);
        await Should.ThrowAsync<EventSourceUnusable>(() => ReadAsync("placed", "measured"));
    }

    [PostgresFact]
    public async Task Types_are_picked_by_the_reader_in_a_partitioned_table_too_by_the_statistics_of_its_partitions()
    {
        var store = await CreateAsync(new MartenLayout { HasArchivePartitions = true });
        await store.SeedAsync(Enumerable.Range(1, 1_000).Select(number => new MartenEvent(
            new StreamId(new Guid(number % 10, 0, 0, new byte[8])), number, number % 200 == 0 ? "rare" : "frequent", "{}", DateTime.UnixEpoch)));
        for (var stream = 0; stream < 5; stream++)
        {
            await store.ArchiveAsync(new StreamId(new Guid(stream, 0, 0, new byte[8])));
        }

        // What autovacuum does; it never looks at the table as a whole.
        await _database.ExecuteAsync("DELETE FROM pg_statistic WHERE starelid = 'events.mt_events'::regclass; ANALYZE events.mt_events_archived; ANALYZE events.mt_events_default");

        var layout = await LayoutAsync();

        layout.ReaderPicksTypes(EventFilter.OfTypes("frequent")).ShouldBeTrue();
        layout.ReaderPicksTypes(EventFilter.OfTypes("rare")).ShouldBeFalse();
    }

    [PostgresFact]
    public async Task A_tombstone_is_no_event_that_waits_since_the_beginning_of_time()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await AppendAsync(store, First, "tombstone", "placed");
        await _database.ExecuteAsync("UPDATE events.mt_events SET timestamp = '-infinity', version = seq_id WHERE type = 'tombstone'");
        await using var source = await OpenAsync();

        var time = await source.GetTimeOfNextAsync(EventPosition.BeforeFirst, CancellationToken.None);

        time.ShouldNotBeNull().ShouldBeGreaterThan(DateTime.UtcNow.AddHours(-1));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Streams_are_named_per_tenant_where_their_key_has_it(bool partitions)
    {
        await CreateAsync(new MartenLayout { IsConjoined = true, HasArchivePartitions = partitions });
        await using var conjoined = await OpenAsync();
        conjoined.StreamsAreNamedPerTenant.ShouldBeTrue();

        await using var other = await postgres.CreateDatabaseAsync();
        await new MartenEventTable(other.DataSource, "events", new MartenLayout { HasArchivePartitions = partitions }).CreateAsync();
        await using var single = await PostgresEventSource.OpenAsync(other.DataSource, EventTableMapping.Marten("events"));
        single.StreamsAreNamedPerTenant.ShouldBeFalse();
    }

    [PostgresFact]
    public async Task Binary_events_are_found_before_history_is_read()
    {
        var store = await CreateAsync(MartenLayout.Default);
        await AppendAsync(store, First, "placed", "measured", "measured", "other");
        await _database.ExecuteAsync(@"UPDATE events.mt_events SET bdata = '\x01' WHERE type IN ('measured', 'other')");
        await using var source = await OpenAsync();

        var found = await source.FindObstaclesAsync(EventFilter.OfTypes("placed", "measured"), CancellationToken.None);

        found.Select(obstacle => obstacle.Split(':', '.')[0]).ShouldBe(["The event 2 of type 'measured' in \"events\""]);
        (await source.FindObstaclesAsync(new EventFilter(new HashSet<string> { "measured" }, "invoice"), CancellationToken.None)).ShouldBeEmpty();
    }

    private async Task<MartenEventTable> CreateAsync(MartenLayout layout)
    {
        var store = new MartenEventTable(_database.DataSource, "events", layout);
        await store.CreateAsync();
        return store;
    }

    private static Task<long> AppendAsync(MartenEventTable store, StreamId stream, params IEnumerable<string> types) =>
        store.AppendAsync(stream, [.. types.Select(type => (type, "{}"))]);

    private Task<PostgresEventSource> OpenAsync() => PostgresEventSource.OpenAsync(_database.DataSource, EventTableMapping.Marten("events") with { GraceTime = TimeSpan.Zero });

    private async Task<EventTableLayout> LayoutAsync()
    {
        await using var connection = await _database.DataSource.OpenConnectionAsync();
        return await new EventTableInspection(connection, EventTableMapping.Marten("events")).RunAsync(CancellationToken.None);
    }

    private async Task<List<string>> ReadAsync(params string[] types)
    {
        await using var source = await OpenAsync();
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var read = new List<string>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, types.Length == 0 ? EventFilter.All : EventFilter.OfTypes(types), CancellationToken.None))
        {
            read.AddRange(batch.Events.ToArray().Select(seen => $"{seen.Position} {seen.Stream} {seen.StreamVersion} {seen.Type}"));
            batch.Dispose();
        }

        return read;
    }
}
