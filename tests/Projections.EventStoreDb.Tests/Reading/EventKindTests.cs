using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.Tests.Reading;

/// <summary>What is special in a store: the system's own events, links, deletions, bodies that are no JSON.</summary>
public sealed class EventKindTests
{
    [Fact]
    public async Task System_events_are_left_out_unless_they_are_named_and_count_for_the_head()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Append("a-1", TestEvent.Json("a", "{}"));
        node.Log.Append("$stats-1", TestEvent.Json("$statsCollected", """{"cpu":1}"""));
        await using var source = await node.OpenAsync();

        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        head.Position.Major.ShouldBe(node.Log[1].Position);
        (await source.ReadAllAsync()).Select(seen => seen.Type).ShouldBe(["a"]);
        (await source.ReadAllAsync(EventFilter.OfTypes("$statsCollected", "a"))).Select(seen => seen.Type).ShouldBe(["a", "$statsCollected"]);
        (await source.GetTimeOfNextAsync(new EventPosition(node.Log[0].Position, node.Log[0].Position), CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Deleted_and_truncated_streams_stay_readable_in_the_log_until_they_are_scavenged()
    {
        await using var node = await TestNode.StartAsync();
        var log = node.Log;
        log.Append("kept-1", TestEvent.Json("a", "1"));
        log.Append("deleted-1", TestEvent.Json("a", "2"));
        log.Append("buried-1", TestEvent.Json("a", "3"));
        log.Append("truncated-1", TestEvent.Json("a", "4"), TestEvent.Json("a", "5"));
        log.Delete("deleted-1", forGood: false);
        log.Delete("buried-1", forGood: true);
        log.Append("$$truncated-1", TestEvent.Json("$metadata", """{"$tb":1}"""));
        await using var source = await node.OpenAsync();

        (await source.ReadAllAsync()).Select(seen => seen.Data).ShouldBe(["1", "2", "3", "4", "5"]);
        (await source.ReadAllAsync(EventFilter.OfTypes("$streamDeleted"))).ShouldHaveSingleItem().Stream.Text.ShouldBe("buried-1");

        log.Scavenge();
        var scavenged = await source.ReadAllAsync();
        scavenged.Select(seen => seen.Data).ShouldBe(["1", "5"]);
        // A checkpoint on an event that is gone is still a place to go on from.
        var gone = new EventPosition(log[1].Position, log[1].Position);
        (await source.ReadAllAsync(after: gone)).Select(seen => seen.Data).ShouldBe(["5"]);
    }

    [Fact]
    public async Task Bodies_that_are_empty_count_as_an_object_without_members_and_others_come_as_they_are()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Append(
            "a-1",
            new TestEvent("empty", []),
            new TestEvent("bytes", [0x00, 0x01]) { ContentType = "application/octet-stream", Metadata = [0xFF] },
            TestEvent.Json("json", "[1]"));
        await using var source = await node.OpenAsync();

        var events = await source.ReadAllAsync();

        events.Select(seen => seen.Data).ShouldBe(["{}", "\u0000\u0001", "[1]"]);
        events.ShouldAllBe(seen => seen.Metadata == "");
    }

    [Fact]
    public async Task Metadata_comes_whole_and_names_the_tenant()
    {
        await using var node = await TestNode.StartAsync();
        const string Metadata = """{"$correlationId":"c-1","$causationId":"c-0","tenantId":"acme"}""";
        node.Log.Append(
            "a-1",
            TestEvent.Json("a", "{}") with { Metadata = System.Text.Encoding.UTF8.GetBytes(Metadata) },
            TestEvent.Json("a", "{}"),
            TestEvent.Json("a", "{}") with { Metadata = "{oops"u8.ToArray() });
        await using var source = await node.OpenAsync(ReadingTools.Quick with { TenantMetadata = "tenantId" });

        var events = await source.ReadAllAsync();

        events[0].Metadata.ShouldBe(Metadata);
        EventMetadata.Find(System.Text.Encoding.UTF8.GetBytes(events[0].Metadata), "$correlationId").ShouldBe("c-1");
        events.Select(seen => seen.Tenant).ShouldBe(["acme", null, null]);
    }

    [Fact]
    public async Task Streams_that_are_named_by_uuids_can_be_given_as_uuids()
    {
        await using var node = await TestNode.StartAsync();
        var id = Guid.NewGuid();
        foreach (var name in (string[])[$"invoice-{id}", $"{id}", "invoice-7", $"invoice{id}"])
        {
            node.Log.Append(name, TestEvent.Json("a", "{}"));
        }

        await using var source = await node.OpenAsync(ReadingTools.Quick with { StreamsAreUuids = true });

        var streams = (await source.ReadAllAsync()).Select(seen => seen.Stream).ToList();

        streams.ShouldBe([new StreamId(id), new StreamId(id), new StreamId("invoice-7"), new StreamId($"invoice{id}")]);
        streams[0].IsGuid.ShouldBeTrue();
        (await source.ReadAllAsync(new EventFilter(null, "invoice"))).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_single_stream_is_read_by_its_revisions()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Append("other-1", TestEvent.Json("a", "0"));
        node.Log.Append("one-1", TestEvent.Json("a", "1"), TestEvent.Json("b", "2"), TestEvent.Json("a", "3"));
        await using var source = await node.OpenAsync(ReadingTools.Quick with { Target = LogTarget.OfStream("one-1") });

        source.Identity.ShouldBe("eventstoredb one-1");
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(new EventPosition(2));
        (await source.ReadAllAsync(EventFilter.OfTypes("a"))).Select(seen => seen.Data).ShouldBe(["1", "3"]);
        (await source.ReadAllAsync(after: new EventPosition(0))).Select(seen => seen.Position).ShouldBe([new EventPosition(1), new EventPosition(2)]);
        (await source.EstimateCountAsync(new EventPosition(0), EventFilter.All, CancellationToken.None)).ShouldBe(2);

        var waiting = source.WaitForEventsAsync(new EventPosition(2), CancellationToken.None);
        node.Log.Append("one-1", TestEvent.Json("a", "4"));
        (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).Position.ShouldBe(new EventPosition(3));

        node.Log.Append("$$one-1", TestEvent.Json("$metadata", """{"$maxCount":2}"""));
        (await source.ReadAllAsync()).Select(seen => seen.Data).ShouldBe(["3", "4"]);
    }

    [Fact]
    public async Task A_stream_that_is_not_there_is_empty_and_one_with_a_tombstone_cannot_be_read()
    {
        await using var node = await TestNode.StartAsync();
        await using var source = await node.OpenAsync(ReadingTools.Quick with { Target = LogTarget.OfStream("one-1") });

        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(EventPosition.BeforeFirst);
        (await source.ReadAllAsync()).ShouldBeEmpty();

        node.Log.Append("one-1", TestEvent.Json("a", "1"));
        node.Log.Delete("one-1", forGood: true);
        var refused = await Should.ThrowAsync<EventSourceUnusable>(() => source.GetSafeHeadAsync(CancellationToken.None));
        refused.InnerException.ShouldBeOfType<StreamDeleted>().Stream.ShouldBe("one-1");
    }

    [Fact]
    public async Task A_category_is_read_through_its_links()
    {
        await using var node = await TestNode.StartAsync(new TestLog { WritesCategories = true });
        node.Log.Append("invoice-1", TestEvent.Json("a", "1"));
        node.Log.Append("order-1", TestEvent.Json("a", "2"));
        node.Log.Append("invoice-2", TestEvent.Json("a", "3"), TestEvent.Json("b", "4"));
        await using var source = await node.OpenAsync(ReadingTools.Quick with { Target = LogTarget.OfCategory("invoice") });

        var events = await source.ReadAllAsync();

        events.Select(seen => (seen.Data, seen.Stream.Text, seen.Revision, seen.Position.Major)).ShouldBe(
            [("1", "invoice-1", 0, 0), ("3", "invoice-2", 0, 1), ("4", "invoice-2", 1, 2)]);
        (await source.GetSafeHeadAsync(CancellationToken.None)).Position.ShouldBe(new EventPosition(2));

        // In the whole log the links are the system's, and what they point to is there itself.
        await using var all = await node.OpenAsync();
        (await all.ReadAllAsync()).Select(seen => seen.Data).ShouldBe(["1", "2", "3", "4"]);
    }
}
