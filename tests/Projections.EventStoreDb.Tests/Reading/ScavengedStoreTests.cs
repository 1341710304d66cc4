using Projections.Events;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Faults;
using Projections.EventStoreDb.TestServer.Log;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.Reading;

/// <summary>
/// What a scavenge has removed is passed over, and where it was is still a place to go on from. The same events come whatever the timing, from
/// servers of all versions: those before 24.2 pass over the first event that is left when they are asked to begin where one is gone.
/// </summary>
public sealed class ScavengedStoreTests
{
    private static readonly EventFilter Wanted = EventFilter.OfTypes("wanted");

    [Fact]
    public async Task What_is_gone_is_passed_over_and_a_stream_that_was_deleted_softly_keeps_its_last_event()
    {
        await using var node = await TestNode.StartAsync();
        var log = node.Log;
        log.Append("kept-1", TestEvent.Json("a", "1"));
        log.Append("deleted-1", TestEvent.Json("a", "2"), TestEvent.Json("a", "3"));
        log.Append("buried-1", TestEvent.Json("a", "4"));
        log.Append("truncated-1", TestEvent.Json("a", "5"), TestEvent.Json("a", "6"));
        log.Delete("deleted-1", forGood: false);
        log.Delete("buried-1", forGood: true);
        log.Append("$$truncated-1", TestEvent.Json("$metadata", """{"$tb":1}"""));
        await using var source = await node.OpenAsync();

        log.Scavenge();

        (await source.ReadAllAsync()).Select(seen => seen.Data).ShouldBe(["1", "3", "6"]);
        (await source.ReadAllAsync(after: At(log[3]))).Select(seen => seen.Data).ShouldBe(["6"]);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task What_is_read_and_searched_from_an_event_that_is_gone_begins_with_the_first_that_is_left(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var gone = await ScavengeAsync(store);
        await using var log = Opened.Log(store.ConnectionString);
        var end = await log.FindEndAsync(CancellationToken.None);

        var read = await log.ReadAsync(gone, end.Position, WantedOf(store), CancellationToken.None).CollectAsync();
        // Servers before 23.10 do not say when they have come to the end.
        var found = await log.SearchAsync(gone, end.Position, WantedOf(store), CancellationToken.None).CollectAsync(2);

        read.Select(seen => seen.Data).ShouldBe(["1", "2"]);
        found.Select(seen => seen.Data).ShouldBe(["1", "2"]);
    }

    [Theory, OnTestServer]
    public async Task A_read_that_goes_on_from_an_event_that_is_gone_and_falls_silent_loses_nothing(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var gone = await ScavengeAsync(store);
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        store.Node!.State.Faults.Enqueue(new PlannedFault(Fault.Stall));

        (await source.ReadAllAsync(WantedOf(store), gone)).Select(seen => seen.Data).ShouldBe(["1", "2"]);
        store.Node.State.Faults.ShouldBeEmpty();
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Following_from_an_event_that_is_gone_brings_the_first_that_is_left(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var gone = await ScavengeAsync(store);
        await using var log = Opened.Log(store.ConnectionString);

        var brought = await log.FollowAsync(gone, EventFilter.OfTypes(store.Named("wanted"), store.Named("other")), CancellationToken.None).CollectAsync(3);

        brought.Select(seen => seen.Data).ShouldBe(["1", "other", "2"]);
    }

    [Theory, OnTestServer]
    public async Task A_scavenge_between_looking_for_a_place_to_begin_and_beginning_there_loses_nothing(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var log = store.Node!.Log;
        var gone = await ScavengeAsync(store);
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        store.Node.State.Faults.Enqueue(new PlannedFault(Fault.Stall));
        var scavenges = 0;
        store.Node.State.OnRead = read =>
        {
            // What lies before the position goes, too, when the first subscription comes.
            if (read.Options.Subscription is not null && Interlocked.Increment(ref scavenges) == 1)
            {
                log.Delete(store.Named("early"), forGood: true);
                log.Scavenge();
            }
        };

        (await source.ReadAllAsync(WantedOf(store), gone)).Select(seen => seen.Data).ShouldBe(["1", "2"]);
        scavenges.ShouldBe(2);
    }

    [Fact]
    public async Task Streams_that_have_lost_their_beginning_are_counted_and_named_where_something_wanted_is_left_of_them()
    {
        await using var node = await TestNode.StartAsync();
        var log = node.Log;
        log.Append("whole-1", TestEvent.Json("wanted", "1"));
        log.Append("deleted-1", TestEvent.Json("wanted", "2"), TestEvent.Json("wanted", "3"));
        log.Append("limited-1", TestEvent.Json("wanted", "4"), TestEvent.Json("other", "5"), TestEvent.Json("wanted", "6"));
        log.Append("other-1", TestEvent.Json("wanted", "7"), TestEvent.Json("other", "8"));
        log.Append("buried-1", TestEvent.Json("wanted", "9"));
        await using var source = await node.OpenAsync();
        Task<LostBeginnings> FindAsync(string? category = null) => source.FindLostBeginningsAsync(Wanted with { Category = category }, CancellationToken.None);

        (await FindAsync()).ShouldBe(LostBeginnings.None);
        log.Delete("deleted-1", forGood: false);
        log.Delete("buried-1", forGood: true);
        log.Append("$$limited-1", TestEvent.Json("$metadata", """{"$maxCount":1}"""));
        log.Append("$$other-1", TestEvent.Json("$metadata", """{"$tb":1}"""));
        log.Append("$$whole-1", TestEvent.Json("$metadata", """{"$maxAge":1000000}"""));
        var hidden = await FindAsync();

        log.Scavenge();

        var lost = await FindAsync();
        // What a server hides, the next scavenge takes: what is found must not depend on whether it has run.
        hidden.ToString().ShouldBe(lost.ToString());
        (lost.Streams, lost.Events).ShouldBe((2, 3));
        lost.ToString().ShouldBe("2 streams have lost their beginning (3 events): 'deleted-1' begins at revision 1, 'limited-1' begins at revision 2");
        (await FindAsync("limited")).Examples.ShouldBe(["'limited-1' begins at revision 2"]);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task A_stream_counts_as_cut_in_the_search_and_when_it_is_asked_for_alike_before_a_scavenge_and_after_it(StoreKind kind)
    {
        (string Category, string Metadata, bool IsCut)[] streams =
        [
            ("truncated", """{"$tb":1}""", true),
            ("limited", """{"$maxCount":1}""", true),
            ("roomy", """{"$maxCount":2}""", false),
            ("young", """{"$maxAge":1000000}""", false),
        ];
        await using var store = await StoreUnderTest.OpenAsync(kind);
        foreach (var (category, metadata, _) in streams)
        {
            await store.AppendAsync($"{category}-1", ReadingTools.Event("wanted", "1"), ReadingTools.Event("wanted", "2"));
            await store.AppendAsync($"$${category}-1", "$metadata", metadata);
        }

        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        var last = (await store.ReadOwnAsync(source)).Where(seen => seen.Revision == 1).ToDictionary(seen => seen.Stream.Text, seen => seen.Position);

        foreach (var isScavenged in (bool[])[false, true])
        {
            if (isScavenged)
            {
                await store.ScavengeAsync();
            }

            foreach (var (category, _, isCut) in streams)
            {
                var found = await source.FindLostBeginningsAsync(Wanted with { Category = store.Named(category) }, CancellationToken.None);
                var asked = await source.FindAsync(last[store.Named($"{category}-1")], CancellationToken.None);
                found.Streams.ShouldBe(isCut ? 1 : 0, category);
                (await source.HasLostBeginningAsync(asked!.Value, CancellationToken.None)).ShouldBe(isCut, category);
            }
        }
    }

    private static EventFilter WantedOf(StoreUnderTest store) => EventFilter.OfTypes(store.Named("wanted"));

    // Gives where an event was that a scavenge has taken.
    private static async Task<EventPosition> ScavengeAsync(StoreUnderTest store)
    {
        var (wanted, other) = (store.Named("wanted"), store.Named("other"));
        await store.AppendAsync("early", other, "early");
        await store.AppendAsync("gone", wanted, "gone");
        await store.AppendAsync("kept", ReadingTools.Event(wanted, "1"), ReadingTools.Event(other, "other"), ReadingTools.Event(wanted, "2"));
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        var gone = (await store.ReadOwnAsync(source)).Single(seen => seen.Data == "gone").Position;
        await store.TombstoneAsync("gone");

        await store.ScavengeAsync();

        (await source.FindAsync(gone, CancellationToken.None)).ShouldBeNull("Servers before 22.10 leave what is in the last chunk.");
        return gone;
    }

    private static EventPosition At(TestRecord record) => new(record.Position, record.Position);
}
