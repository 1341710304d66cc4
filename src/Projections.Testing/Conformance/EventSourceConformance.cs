using System.Reflection;
using System.Text;
using Projections.Events;

namespace Projections.Testing;

/// <summary>
/// What every event source must do. A source's tests derive from it, say how a store is made, and check each claim: in any framework by a test with
/// <see cref="Claims"/> for its cases and <see cref="CheckAsync"/> for its body.
/// </summary>
/// <example><code>
/// public sealed class OurStoreConformance : EventSourceConformance
/// {
///     public static TheoryData&lt;string&gt; All => [.. Claims];
///
///     [Theory, MemberData(nameof(All))]
///     public Task Every_claim_holds(string claim) => CheckAsync(claim);
///
///     protected override async Task&lt;EventStoreUnderTest&gt; CreateStoreAsync() => await OurStore.CreateEmptyAsync();
/// }
/// </code></example>
public abstract partial class EventSourceConformance
{
    /// <summary>Far longer than anything takes that is waited for: only what never happens reaches it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly Dictionary<string, Func<EventSourceConformance, Task>> Checks = typeof(EventSourceConformance)
        .GetMethods(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Where(method => method.ReturnType == typeof(Task) && method.GetParameters().Length == 0)
        .OrderBy(method => method.MetadataToken)
        .ToDictionary(method => method.Name, method => method.CreateDelegate<Func<EventSourceConformance, Task>>(), StringComparer.Ordinal);

    /// <summary>The names of all claims, which are sentences.</summary>
    public static IReadOnlyList<string> Claims => [.. Checks.Keys];

    /// <summary>Checks a claim.</summary>
    /// <param name="claim">One of <see cref="Claims"/>.</param>
    /// <exception cref="ConformanceFailed">It does not hold.</exception>
    public Task CheckAsync(string claim) => Checks.TryGetValue(claim, out var check)
        ? check(this)
        : throw new ArgumentException($"There is no claim '{claim}'. There are: {string.Join(", ", Claims)}.", nameof(claim));

    /// <summary>Makes an empty store of its own for a claim.</summary>
    protected abstract Task<EventStoreUnderTest> CreateStoreAsync();

    private async Task An_empty_store_has_its_head_before_the_first_event_and_nothing_to_read()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();

        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        head.Position.MustBe(EventPosition.BeforeFirst);
        head.Highest.MustBe(EventPosition.BeforeFirst);
        head.Hold.MustBeNull();
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.All)).MustBeEmpty();
        (await source.EstimateCountAsync(EventPosition.BeforeFirst, EventFilter.All, CancellationToken.None)).Events.MustBe(0);
        (await source.GetTimeOfNextAsync(EventPosition.BeforeFirst, CancellationToken.None)).MustBeNull();
    }

    private async Task Every_event_is_read_by_who_asks_for_the_share_of_its_stream()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        foreach (var number in Enumerable.Range(1, 40))
        {
            await store.AppendAsync("invoice", number, ("issued", """{"n": 1}"""), ("paid", """{"n": 2}"""));
        }

        var head = (await source.GetSafeHeadAsync(CancellationToken.None)).Position;
        foreach (var all in (StreamShare[])[StreamShare.All(asUuids: false), StreamShare.All(asUuids: true)])
        {
            var read = new List<(EventPosition Position, StreamId Stream)>();
            foreach (var share in all.Split(3))
            {
                // A source may give more.
                var ours = (await ReadAsync(source, EventPosition.BeforeFirst, head, new EventFilter(Share: share))).Where(seen => share.Has(seen.Stream)).ToList();
                ours.Select(seen => seen.Position).MustBe(ours.Select(seen => seen.Position).Order());
                read.AddRange(ours.Select(seen => (seen.Position, seen.Stream)));
            }

            read.Select(seen => seen.Position).Order().MustBe((await ReadAllAsync(source)).Select(seen => seen.Position));
        }
    }

    private async Task Events_come_whole_and_in_the_order_of_their_positions()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        var before = DateTime.UtcNow;
        await store.AppendAsync("invoice", 1, ("issued", """{"n": 1}"""), ("paid", """{"n": 2}"""));
        await store.AppendAsync("order", 1, ("placed", """{"n": 3, "text": "żółć 東京 \"quoted\""}"""));
        await store.AppendAsync("invoice", 1, ("closed", """{"n": 4}"""));

        var events = await ReadAllAsync(source);

        events.Select(seen => seen.Type).MustBe(["issued", "paid", "placed", "closed"]);
        events.Select(seen => seen.Position).MustBe(events.Select(seen => seen.Position).Order());
        events.Select(seen => seen.Position).Distinct().Count().MustBe(4);
        var invoice = store.StreamOf("invoice", 1);
        events.Select(seen => seen.Stream).MustBe([invoice, invoice, store.StreamOf("order", 1), invoice]);
        var first = events[0].StreamVersion;
        events.Select(seen => seen.StreamVersion).MustBe([first, first + 1, first, first + 2]);
        JsonMustBe(events[2].Json, """{"n": 3, "text": "żółć 東京 \"quoted\""}""");
        foreach (var seen in events)
        {
            seen.Time.Kind.MustBe(DateTimeKind.Utc);
            seen.Time.MustBeInRange(before.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
        }
    }

    private async Task Only_the_wanted_types_are_read_and_the_last_batch_still_reaches_the_end()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 300);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var wanted = await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes("type-1", "it's \\ odd"));
        wanted.Count.MustBe(100);
        wanted.MustAllBe(seen => seen.Type == "type-1");

        (await ThroughAsync(source, head.Position, EventFilter.OfTypes("type-1"))).MustBe(head.Position);
        (await ThroughAsync(source, head.Position, EventFilter.OfTypes("no such type"))).MustBe(head.Position);
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes())).MustBeEmpty();
    }

    private async Task An_event_is_found_at_its_position_as_it_was_read()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 10);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes("type-1", "type-2"), CancellationToken.None))
        {
            foreach (var read in batch.Memory.ToArray())
            {
                var found = (await source.FindAsync(read.Position, CancellationToken.None)).MustNotBeNull();
                (found.Position, found.Stream, found.StreamVersion, found.Type, found.Time, found.Tenant)
                    .MustBe((read.Position, read.Stream, read.StreamVersion, read.Type, read.Time, read.Tenant));
            }
        }
    }

    private async Task An_event_is_located_by_its_stream_and_its_place_there()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 10);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            foreach (var read in batch.Memory.ToArray())
            {
                (await source.LocateAsync(new EventReference.InStream(read.Stream, read.StreamVersion, read.Tenant), CancellationToken.None)).MustBe(read.Position);
                (await source.LocateAsync(new EventReference.InStream(read.Stream, read.StreamVersion + 1_000, read.Tenant), CancellationToken.None)).MustBeNull();
                (await source.LocateAsync(new EventReference.AtPosition(read.Position), CancellationToken.None)).MustBe(read.Position);
            }
        }
    }

    private async Task Only_the_streams_of_the_wanted_category_are_read()
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
        invoices.Select(seen => seen.Type).MustBe(["a", "d", "a"]);

        var some = await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(new HashSet<string> { "a" }, "invoice"));
        some.Count.MustBe(2);
    }

    private async Task Only_the_wanted_streams_are_read_whole_and_in_the_order_of_positions()
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
        some.Select(seen => seen.Type).MustBe(["a", "d", "e", "a", "a"]);
        some.Select(seen => seen.Position).MustBe(some.Select(seen => seen.Position).Order());

        // Together with the other wishes, from and to any position, of streams by the thousand, and of none.
        var wanted = new EventFilter(new HashSet<string> { "a" }, Streams: streams);
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, wanted)).Select(seen => seen.Position).MustBe([some[0].Position, some[3].Position, some[4].Position]);
        (await ReadAsync(source, some[0].Position, some[3].Position, wanted)).Select(seen => seen.Position).MustBe([some[3].Position]);
        (await ThroughAsync(source, head.Position, wanted)).MustBe(head.Position);
        var thousands = new EventFilter(Streams: [.. Enumerable.Range(20, 3_000).Select(number => store.StreamOf("invoice", number)), .. streams]);
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, thousands)).Select(seen => seen.Position).MustBe(some.Select(seen => seen.Position));
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(Streams: [store.StreamOf("invoice", 7)]))).MustBeEmpty();
        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, new EventFilter(Streams: []))).MustBeEmpty();
    }

    private async Task Reading_goes_on_after_any_event_and_stops_at_any_event()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 50);
        var all = await ReadAllAsync(source);

        foreach (var (from, to) in (IEnumerable<(int, int)>)[(0, 49), (10, 30), (48, 49), (20, 21)])
        {
            var part = await ReadAsync(source, all[from].Position, all[to].Position, EventFilter.All);
            part.Select(seen => seen.Position).MustBe(all.Skip(from + 1).Take(to - from).Select(seen => seen.Position));
        }

        (await ReadAsync(source, all[^1].Position, all[^1].Position, EventFilter.All)).MustBeEmpty();
    }

    private async Task Batches_are_bounded_and_their_ends_never_go_back()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 9_000);
        await AppendLargeAsync(store);
        await AppendManyAsync(store, 10);
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var through = EventPosition.BeforeFirst;
        var count = 0;
        var sawLarge = false;
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            using (batch)
            {
                batch.Count.MustBeLessThanOrEqualTo(8_192);
                foreach (var seen in batch.Events)
                {
                    seen.Position.MustBeGreaterThan(through);
                    seen.Position.MustBeLessThanOrEqualTo(batch.Through);
                    sawLarge |= seen.Type == "large" && seen.Data.Length >= store.LargestEvent - 100;
                }

                batch.Through.MustBeGreaterThanOrEqualTo(through);
                through = batch.Through;
                count += batch.Count;
            }
        }

        count.MustBe(9_011);
        sawLarge.MustBeTrue();
        through.MustBe(head.Position);
    }

    private async Task Breaking_off_and_cancelling_leave_the_source_usable()
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
        await Must.BeCancelledAsync(async () =>
        {
            await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, cancelled.Token))
            {
                batch.Dispose();
                await cancelled.CancelAsync();
            }
        });

        (await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.All)).Count.MustBe(9_000);
    }

    private async Task Estimates_and_the_time_of_the_next_event_count_from_the_position_given()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 300);
        var all = await ReadAllAsync(source);

        var total = await source.EstimateCountAsync(EventPosition.BeforeFirst, EventFilter.All, CancellationToken.None);
        var half = await source.EstimateCountAsync(all[149].Position, EventFilter.All, CancellationToken.None);
        total.Events.MustBeInRange(250, 350);
        half.Events.MustBeInRange(100, 200);
        (await source.GetTimeOfNextAsync(all[9].Position, CancellationToken.None)).MustBe(all[10].Time);
        (await source.GetTimeOfNextAsync(all[^1].Position, CancellationToken.None)).MustBeNull();
        (await source.EstimateCountAsync(all[^1].Position, EventFilter.All, CancellationToken.None)).Events.MustBe(0);
    }

    private async Task Several_readers_read_at_once()
    {
        await using var store = await CreateStoreAsync();
        await using var source = await store.OpenAsync();
        await AppendManyAsync(store, 5_000);

        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadAllAsync(source)));

        foreach (var seen in await Task.WhenAll(readers))
        {
            seen.Count.MustBe(5_000);
            seen.Select(one => one.Position).MustBe(seen.Select(one => one.Position).Order());
        }
    }

    /// <summary>Everything that a test wants of an event, copied out of its batch.</summary>
    private sealed record Seen(
        EventPosition Position, StreamId Stream, long StreamVersion, string Type, string Json, string Metadata, DateTime Time, string? Tenant);

    private static async Task<List<Seen>> ReadAllAsync(IEventSource source)
    {
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        return await ReadAsync(source, EventPosition.BeforeFirst, head.Position, EventFilter.All);
    }

    private static async Task<List<Seen>> ReadAsync(IEventSource source, EventPosition after, EventPosition upTo, EventFilter filter)
    {
        var read = new List<Seen>();
        await foreach (var batch in source.ReadAsync(after, upTo, filter, CancellationToken.None))
        {
            using (batch)
            {
                read.AddRange(See(batch));
            }
        }

        return read;
    }

    private static List<Seen> See(EventBatch batch)
    {
        var seen = new List<Seen>(batch.Count);
        foreach (ref readonly var one in batch.Events)
        {
            seen.Add(new Seen(
                one.Position, one.Stream, one.StreamVersion, one.Type, Encoding.UTF8.GetString(one.Data.Span),
                Encoding.UTF8.GetString(one.Metadata.Span), one.Time, one.Tenant));
        }

        return seen;
    }

    private static void JsonMustBe(string actual, string expected) =>
        System.Text.Json.Nodes.JsonNode.DeepEquals(
            System.Text.Json.Nodes.JsonNode.Parse(actual), System.Text.Json.Nodes.JsonNode.Parse(expected))
            .MustBeTrue($"{actual} is not {expected}");

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
    /// <summary>Appends an event that is as large as one may be, but for a few bytes.</summary>
    private static Task AppendLargeAsync(EventStoreUnderTest store) =>
        store.AppendAsync("large", 1, ("large", $$"""{"text": "{{new string('x', store.LargestEvent - 20)}}"}"""));
}
