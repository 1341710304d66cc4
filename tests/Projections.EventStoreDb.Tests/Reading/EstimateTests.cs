using Projections.Events;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;

namespace Projections.EventStoreDb.Tests.Reading;

public sealed class EstimateTests
{
    [Fact]
    public async Task Many_events_are_estimated_from_a_few_and_few_are_counted()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(20_000);
        await using var source = await node.OpenAsync();
        Task<long> EstimateAsync(int after, EventFilter filter) =>
            source.EstimateCountAsync(after < 0 ? EventPosition.BeforeFirst : At(node, after), filter, CancellationToken.None);

        (await EstimateAsync(-1, EventFilter.All)).ShouldBeInRange(19_000, 21_000);
        (await EstimateAsync(9_999, EventFilter.All)).ShouldBeInRange(9_500, 10_500);
        (await EstimateAsync(-1, EventFilter.OfTypes("type-1"))).ShouldBeInRange(6_000, 7_300);
        (await EstimateAsync(-1, new EventFilter(null, "other"))).ShouldBe(0);
        (await EstimateAsync(19_699, EventFilter.OfTypes("type-1"))).ShouldBe(100);
        (await EstimateAsync(19_300, EventFilter.All)).ShouldBe(699);
        node.State.Calls.Where(call => call.Read is { Options.Count: > 501 }).ShouldBeEmpty();
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Streams_that_are_given_as_uuids_count_for_every_category(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var type = store.Named("a");
        await store.AppendAsync($"invoice-{Guid.NewGuid()}", ReadingTools.Event(type, "{}"), ReadingTools.Event("b", "{}"));
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick with { StreamsAreUuids = true });

        (await source.EstimateCountAsync(store.Start, new EventFilter(new HashSet<string> { type }, "invoice"), CancellationToken.None)).ShouldBe(1);
    }

    private static EventPosition At(TestNode node, int index) => new(node.Log[index].Position, node.Log[index].Position);
}
