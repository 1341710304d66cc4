using System.Text;
using Projections.Events;

namespace Projections.TestServers;

/// <summary>What every event source must do. A source's tests derive from it and say how a store is made.</summary>
public abstract class EventSourceConformance
{
    protected abstract Task<EventStoreUnderTest> CreateStoreAsync();

    [Fact]
    public async Task An_empty_store_has_its_head_before_the_first_event_and_nothing_to_read()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();

        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        head.Position.ShouldBe(EventPosition.BeforeFirst);
        head.Highest.ShouldBe(EventPosition.BeforeFirst);
        head.Hold.ShouldBeNull();
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.All)).ShouldBeEmpty();
        (await source.EstimateCountAsync(EventPosition.BeforeFirst, EventFilter.All, CancellationToken.None)).ShouldBe(0);
        (await source.GetTimeOfNextAsync(EventPosition.BeforeFirst, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task Events_come_whole_and_in_the_order_of_their_positions()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        var before = DateTime.UtcNow;
        await store.AppendAsync("invoice", 1, ("issued", """{"n": 1}"""), ("paid", """{"n": 2}"""));
        await store.AppendAsync("order", 1, ("placed", """{"n": 3, "text": "żółć 東京 \"quoted\""}"""));
        await store.AppendAsync("invoice", 1, ("closed", """{"n": 4}"""));

        var events = await ReadAllAsync(source);

        events.Select(seen => seen.Type).ShouldBe(["issued", "paid", "placed", "closed"]);
        events.Select(seen => seen.Position).ShouldBe(events.Select(seen => seen.Position).Order());
        events.Select(seen => seen.Position).Distinct().Count().ShouldBe(4);
        var invoice = store.StreamOf("invoice", 1);
        events.Select(seen => seen.Stream).ShouldBe([invoice, invoice, store.StreamOf("order", 1), invoice]);
        var first = events[0].StreamVersion;
        events.Select(seen => seen.StreamVersion).ShouldBe([first, first + 1, first, first + 2]);
        JsonShouldBe(events[2].Json, """{"n": 3, "text": "żółć 東京 \"quoted\""}""");
        foreach (var seen in events)
        {
            seen.Time.Kind.ShouldBe(DateTimeKind.Utc);
            seen.Time.ShouldBeInRange(before.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
        }
    }

    [Fact]
    public async Task Only_the_wanted_types_are_read_and_the_last_batch_still_reaches_the_end()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 300);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var wanted = await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes("type-1", "it's \\ odd"));
        wanted.Count.ShouldBe(100);
        wanted.ShouldAllBe(seen => seen.Type == "type-1");

        (await ThroughAsync(source, head.Position, EventFilter.OfTypes("type-1"))).ShouldBe(head.Position);
        (await ThroughAsync(source, head.Position, EventFilter.OfTypes("no such type"))).ShouldBe(head.Position);
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes())).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_event_is_found_at_its_position_as_it_was_read()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 10);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes("type-1", "type-2"), CancellationToken.None))
        {
            foreach (var read in batch.Memory.ToArray())
            {
                var found = (await source.FindAsync(read.Position, CancellationToken.None)).ShouldNotBeNull();
                (found.Position, found.Stream, found.StreamVersion, found.Type, found.Time, found.Tenant)
                    .ShouldBe((read.Position, read.Stream, read.StreamVersion, read.Type, read.Time, read.Tenant));
            }
        }
    }

    [Fact]
    public async Task Only_the_streams_of_the_wanted_category_are_read()
    {
        await using var store = await CreateStoreAsync();
        if (!store.HasCategories)
        {
            return;
        }

        await using var source = await store.OpenAsync();
        await store.AppendAsync("invoice", 1, ("a", "{}"));
        await store.AppendAsync("invoiceold", 1, ("b", "{}"));
        await store.AppendAsync("order", 1, ("c", "{}"));
        await store.AppendAsync("invoice", 2, ("d", "{}"), ("a", "{}"));
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var invoices = await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(null, "invoice"));
        invoices.Select(seen => seen.Type).ShouldBe(["a", "d", "a"]);

        var some = await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(new HashSet<string> { "a" }, "invoice"));
        some.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Only_the_wanted_streams_are_read_whole_and_in_the_order_of_positions()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await store.AppendAsync("invoice", 1, ("a", "{}"));
        await store.AppendAsync("invoice", 2, ("b", "{}"));
        await store.AppendAsync("invoice", 11, ("c", "{}"));
        await store.AppendAsync("order", 1, ("d", "{}"));
        await store.AppendAsync("invoice", 1, ("e", "{}"), ("a", "{}"));
        await AppendManyAsync(store, 600);
        await store.AppendAsync("order", 1, ("a", "{}"));
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        StreamId[] streams = [store.StreamOf("order", 1), store.StreamOf("invoice", 1)];

        var some = await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(Streams: streams));
        some.Select(seen => seen.Type).ShouldBe(["a", "d", "e", "a", "a"]);
        some.Select(seen => seen.Position).ShouldBe(some.Select(seen => seen.Position).Order());

        // Together with the other wishes, from and to any position, of streams by the thousand, and of none.
        var wanted = new EventFilter(new HashSet<string> { "a" }, Streams: streams);
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, wanted)).Select(seen => seen.Position).ShouldBe([some[0].Position, some[3].Position, some[4].Position]);
        (await ReadAsync(source, some[0].Position, some[3].Position, wanted)).Select(seen => seen.Position).ShouldBe([some[3].Position]);
        (await ThroughAsync(source, head.Position, wanted)).ShouldBe(head.Position);
        var thousands = new EventFilter(Streams: [.. Enumerable.Range(20, 3_000).Select(number => store.StreamOf("invoice", number)), .. streams]);
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, thousands)).Select(seen => seen.Position).ShouldBe(some.Select(seen => seen.Position));
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(Streams: [store.StreamOf("invoice", 7)]))).ShouldBeEmpty();
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(Streams: []))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reading_goes_on_after_any_event_and_stops_at_any_event()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 50);
        var all = await ReadAllAsync(source);

        foreach (var (from, to) in (IEnumerable<(int, int)>)[(0, 49), (10, 30), (48, 49), (20, 21)])
        {
            var part = await ReadAsync(source, all[from].Position, all[to].Position, EventFilter.All);
            part.Select(seen => seen.Position).ShouldBe(all.Skip(from + 1).Take(to - from).Select(seen => seen.Position));
        }

        (await ReadAsync(source, all[^1].Position, all[^1].Position, EventFilter.All)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Batches_are_bounded_and_their_ends_never_go_back()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        var large = $$"""{"text": "{{new string('x', 3_000_000)}}"}""";
        await AppendManyAsync(store, 9_000);
        await store.AppendAsync("large", 1, ("large", large));
        await AppendManyAsync(store, 10);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var through = EventPosition.BeforeFirst;
        var count = 0;
        var sawLarge = false;
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            using (batch)
            {
                batch.Count.ShouldBeLessThanOrEqualTo(8_192);
                foreach (var seen in batch.Events)
                {
                    seen.Position.ShouldBeGreaterThan(through);
                    seen.Position.ShouldBeLessThanOrEqualTo(batch.Through);
                    sawLarge |= seen.Type == "large" && seen.Data.Length >= 3_000_000;
                }

                batch.Through.ShouldBeGreaterThanOrEqualTo(through);
                through = batch.Through;
                count += batch.Count;
            }
        }

        count.ShouldBe(9_011);
        sawLarge.ShouldBeTrue();
        through.ShouldBe(head.Position);
    }

    [Fact]
    public async Task Breaking_off_and_cancelling_leave_the_source_usable()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 9_000);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            batch.Dispose();
            break;
        }

        using var cancelled = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, cancelled.Token))
            {
                batch.Dispose();
                await cancelled.CancelAsync();
            }
        });

        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.All)).Count.ShouldBe(9_000);
    }

    [Fact]
    public async Task Waiting_ends_when_an_event_arrives_for_everybody_who_waits()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await store.AppendAsync("invoice", 1, ("a", "{}"));
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var waits = Enumerable.Range(0, 50).Select(_ => source.WaitForEventsAsync(head.Position, CancellationToken.None)).ToList();

        await store.AppendAsync("invoice", 1, ("b", "{}"));

        foreach (var reached in await Task.WhenAll(waits).WaitAsync(Deadline.Generous))
        {
            reached.Position.ShouldBeGreaterThan(head.Position);
        }
    }

    [Fact]
    public async Task Waiting_returns_at_once_when_there_is_something_already_and_can_be_cancelled_when_not()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await store.AppendAsync("invoice", 1, ("a", "{}"));

        var head = await source.WaitForEventsAsync(EventPosition.BeforeFirst, CancellationToken.None).WaitAsync(Deadline.Generous);
        head.Position.ShouldNotBe(EventPosition.BeforeFirst);

        using var cancelled = new CancellationTokenSource();
        var waiting = source.WaitForEventsAsync(head.Position, cancelled.Token);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(Deadline.Generous));
    }

    [Fact]
    public async Task Estimates_and_the_time_of_the_next_event_count_from_the_position_given()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 300);
        var all = await ReadAllAsync(source);

        var total = await source.EstimateCountAsync(EventPosition.BeforeFirst, EventFilter.All, CancellationToken.None);
        var half = await source.EstimateCountAsync(all[149].Position, EventFilter.All, CancellationToken.None);
        total.ShouldBeInRange(250, 350);
        half.ShouldBeInRange(100, 200);
        (await source.GetTimeOfNextAsync(all[9].Position, CancellationToken.None)).ShouldBe(all[10].Time);
        (await source.GetTimeOfNextAsync(all[^1].Position, CancellationToken.None)).ShouldBeNull();
        (await source.EstimateCountAsync(all[^1].Position, EventFilter.All, CancellationToken.None)).ShouldBe(0);
    }

    [Fact]
    public async Task Several_readers_read_at_once()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 5_000);

        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAllAsync(source)));

        foreach (var seen in await Task.WhenAll(readers))
        {
            seen.Count.ShouldBe(5_000);
            seen.Select(one => one.Position).ShouldBe(seen.Select(one => one.Position).Order());
        }
    }

    /// <summary>Everything that a test wants of an event, copied out of its batch.</summary>
    protected sealed record Seen(
        EventPosition Position, StreamId Stream, long StreamVersion, string Type, string Json, string Metadata, DateTime Time, string? Tenant);

    protected static async Task<List<Seen>> ReadAllAsync(IEventSource source)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        return await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.All);
    }

    protected static async Task<List<Seen>> ReadAsync(IEventSource source, EventPosition after, EventPosition upTo, EventFilter filter)
    {
        var read = new List<Seen>();
        await foreach (var batch in source.ReadAsync(after, upTo, filter, CancellationToken.None))
        {
            using (batch)
            {
                foreach (var one in batch.Events)
                {
                    read.Add(new Seen(
                        one.Position, one.Stream, one.StreamVersion, one.Type, Encoding.UTF8.GetString(one.Data.Span),
                        Encoding.UTF8.GetString(one.Metadata.Span), one.Time, one.Tenant));
                }
            }
        }

        return read;
    }

    protected static void JsonShouldBe(string actual, string expected) =>
        System.Text.Json.Nodes.JsonNode.DeepEquals(
            System.Text.Json.Nodes.JsonNode.Parse(actual), System.Text.Json.Nodes.JsonNode.Parse(expected))
            .ShouldBeTrue($"{actual} is not {expected}");

    private static async Task<EventPosition> ThroughAsync(IEventSource source, EventPosition upTo, EventFilter filter)
    {
        var through = EventPosition.BeforeFirst;
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, upTo, filter, CancellationToken.None))
        {
            through = batch.Through;
            batch.Dispose();
        }

        return through;
    }

    /// <summary>Appends events of the types <c>type-0</c> to <c>type-2</c> in turn.</summary>
    private static async Task AppendManyAsync(EventStoreUnderTest store, int count)
    {
        var number = 0;
        foreach (var chunk in Enumerable.Range(0, count).Chunk(500))
        {
            await store.AppendAsync("many", number++, [.. chunk.Select(n => ($"type-{n % 3}", $$"""{"n": {{n}}}"""))]);
        }
    }
}
