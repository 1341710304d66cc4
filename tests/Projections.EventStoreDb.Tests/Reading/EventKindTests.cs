using System.Text;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;
using Projections.TestServers;
using static Projections.EventStoreDb.Tests.ReadingTools;

namespace Projections.EventStoreDb.Tests.Reading;

/// <summary>What is special in a store: the system's own events, links, deletions, bodies that are no JSON.</summary>
public sealed class EventKindTests
{
    [Theory, OnTestServer, OnRealServer]
    public async Task System_events_are_left_out_unless_they_are_named_and_count_for_the_head(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.AppendAsync("a-1", "a", "{}");
        await store.AppendAsync("$stats-1", "$statsCollected", """{"cpu":1}""");
        await using var source = await store.OpenSourceAsync(Quick);

        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var both = await store.ReadOwnAsync(source, EventFilter.OfTypes("$statsCollected", "a"));
        both.Select(seen => seen.Type).ShouldBe(["a", "$statsCollected"]);
        head.Position.ShouldBeGreaterThanOrEqualTo(both[1].Position);
        (await store.ReadOwnAsync(source)).Select(seen => seen.Type).ShouldBe(["a"]);
        (await source.GetTimeOfNextAsync(both[0].Position, CancellationToken.None)).ShouldNotBeNull();
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Deleted_and_truncated_streams_stay_readable_in_the_log(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.AppendAsync("kept-1", "a", "1");
        await store.AppendAsync("deleted-1", "a", "2");
        await store.AppendAsync("buried-1", "a", "3");
        await store.AppendAsync("truncated-1", Event("a", "4"), Event("a", "5"));
        await store.DeleteAsync("deleted-1");
        await store.TombstoneAsync("buried-1");
        await store.AppendAsync("$$truncated-1", "$metadata", """{"$tb":1}""");
        await using var source = await store.OpenSourceAsync(Quick);

        (await store.ReadOwnAsync(source)).Select(seen => seen.Data).ShouldBe(["1", "2", "3", "4", "5"]);
        (await store.ReadOwnAsync(source, EventFilter.OfTypes("$streamDeleted"))).ShouldHaveSingleItem().Stream.Text.ShouldBe(store.Named("buried-1"));
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Bodies_that_are_empty_count_as_an_object_without_members_and_others_come_as_they_are(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.AppendAsync(
            "a-1",
            new EventToAppend("empty", Array.Empty<byte>()),
            new EventToAppend("bytes", new byte[] { 0x00, 0x01 }) { ContentType = "application/octet-stream", Metadata = new byte[] { 0xFF } },
            Event("json", "[1]"));
        await using var source = await store.OpenSourceAsync(Quick);

        var events = await store.ReadOwnAsync(source);

        events.Select(seen => seen.Data).ShouldBe(["{}", "\u0000\u0001", "[1]"]);
        events.ShouldAllBe(seen => seen.Metadata == "");
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Metadata_comes_whole_and_names_the_tenant(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        const string Metadata = """{"$correlationId":"c-1","$causationId":"c-0","tenantId":"acme"}""";
        await store.AppendAsync(
            "a-1",
            Event("a", "{}") with { Metadata = Encoding.UTF8.GetBytes(Metadata) },
            Event("a", "{}"),
            Event("a", "{}") with { Metadata = "{oops"u8.ToArray() });
        await using var source = await store.OpenSourceAsync(Quick with { TenantMetadata = "tenantId" });

        var events = await store.ReadOwnAsync(source);

        events[0].Metadata.ShouldBe(Metadata);
        EventMetadata.Find(Encoding.UTF8.GetBytes(events[0].Metadata), "$correlationId").ShouldBe("c-1");
        events.Select(seen => seen.Tenant).ShouldBe(["acme", null, null]);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Streams_that_are_named_by_uuids_can_be_given_as_uuids(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var (inCategory, alone, attached) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await store.AppendAsync($"invoice-{inCategory}", "a", "{}");
        using (var appender = new EventStoreAppender(store.ConnectionString))
        {
            await appender.AppendAsync($"{alone}", StreamState.NoStream, [Event("a", "{}")]);
        }

        await store.AppendAsync("invoice-7", "a", "{}");
        await store.AppendAsync($"invoice{attached}", "a", "{}");
        await using var source = await store.OpenSourceAsync(Quick with { StreamsAreUuids = true });

        var streams = (await source.ReadAllAsync(after: store.Start)).Select(seen => seen.Stream).ToList();

        streams.Where(stream => stream == new StreamId(alone) || store.Owns(stream)).ShouldBe(
            [new StreamId(inCategory), new StreamId(alone), new StreamId(store.Named("invoice-7")), new StreamId(store.Named($"invoice{attached}"))]);
        streams.First(stream => stream == new StreamId(inCategory)).IsGuid.ShouldBeTrue();
        (await store.ReadOwnAsync(source, new EventFilter(null, store.Named("invoice")))).Count.ShouldBe(2);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task A_single_stream_is_read_by_its_revisions(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var stream = store.Named("one-1");
        await store.AppendAsync("other-1", "a", "0");
        await store.AppendAsync("one-1", Event("a", "1"), Event("b", "2"), Event("a", "3"));
        await using var source = await store.OpenSourceAsync(Quick with { Target = LogTarget.OfStream(stream) });

        source.Identity.ShouldBe($"eventstoredb {stream}");
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(new EventPosition(2));
        (await source.ReadAllAsync(EventFilter.OfTypes("a"))).Select(seen => seen.Data).ShouldBe(["1", "3"]);
        (await source.ReadAllAsync(after: new EventPosition(0))).Select(seen => seen.Position).ShouldBe([new EventPosition(1), new EventPosition(2)]);
        (await source.EstimateCountAsync(new EventPosition(0), EventFilter.All, CancellationToken.None)).ShouldBe(new EventCount(2));

        var waiting = source.MovedAsync(new EventPosition(2));
        await store.AppendAsync("one-1", "a", "4");
        (await waiting.WaitAsync(Deadline.Generous)).ShouldBe(new EventPosition(3));

        await store.AppendAsync("$$one-1", "$metadata", """{"$maxCount":2}""");
        (await source.ReadAllAsync()).Select(seen => seen.Data).ShouldBe(["3", "4"]);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task A_stream_that_is_not_there_is_empty_and_one_with_a_tombstone_cannot_be_read(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var stream = store.Named("one-1");
        await using var source = await store.OpenSourceAsync(Quick with { Target = LogTarget.OfStream(stream) });

        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(EventPosition.BeforeFirst);
        (await source.ReadAllAsync()).ShouldBeEmpty();

        await store.AppendAsync("one-1", "a", "1");
        await store.TombstoneAsync("one-1");
        var refused = await Should.ThrowAsync<EventSourceUnusable>(() => source.GetSafeHeadAsync(CancellationToken.None));
        refused.InnerException.ShouldBeOfType<StreamDeleted>().Stream.ShouldBe(stream);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task A_category_is_read_through_its_links(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.AppendAsync("invoice-1", "a", "1");
        await store.AppendAsync("order-1", "a", "2");
        await store.AppendAsync("invoice-2", Event("a", "3"), Event("b", "4"));
        await using var source = await store.OpenSourceAsync(Quick with { Target = LogTarget.OfCategory(store.Named("invoice")) });

        // The links are a projection's, some time after the events.
        var head = await source.MovedAsync(new EventPosition(1)).WaitAsync(Deadline.Generous);
        head.ShouldBe(new EventPosition(2));
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(head);
        (await source.ReadAllAsync()).Select(seen => (seen.Data, seen.Stream.Text, seen.Revision, seen.Position.Major)).ShouldBe(
            [("1", store.Named("invoice-1"), 0, 0), ("3", store.Named("invoice-2"), 0, 1), ("4", store.Named("invoice-2"), 1, 2)]);

        // In the whole log the links are the system's, and what they point to is there itself.
        await using var all = await store.OpenSourceAsync(Quick);
        (await store.ReadOwnAsync(all)).Select(seen => seen.Data).ShouldBe(["1", "2", "3", "4"]);
    }
}
