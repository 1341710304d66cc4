using Projections.Events;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.Tests.Reading;

public sealed class EstimateTests
{
    [Fact]
    public async Task Many_events_are_estimated_from_a_few_and_few_are_counted()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(20_000);
        await using var source = await node.OpenAsync();
        Task<EventCount> EstimateAsync(int after, EventFilter filter) =>
            source.EstimateCountAsync(after < 0 ? EventPosition.BeforeFirst : At(node, after), filter, CancellationToken.None);

        var all = await EstimateAsync(-1, EventFilter.All);
        all.Events.ShouldBeInRange(19_000, 21_000);
        all.IsAbout.ShouldBeTrue();
        (await EstimateAsync(9_999, EventFilter.All)).Events.ShouldBeInRange(9_500, 10_500);
        (await EstimateAsync(-1, EventFilter.OfTypes("type-1"))).Events.ShouldBeInRange(6_000, 7_300);
        (await EstimateAsync(-1, new EventFilter(null, "other"))).Events.ShouldBe(0);
        (await EstimateAsync(19_699, EventFilter.OfTypes("type-1"))).ShouldBe(new EventCount(100));
        (await EstimateAsync(19_300, EventFilter.All)).ShouldBe(new EventCount(699));
        node.State.Calls.Where(call => call.Read is { Options.Count: > 501 }).ShouldBeEmpty();
    }

    [Theory, OnTestServer]
    public async Task After_scavenges_which_make_positions_jump_the_estimate_is_right_within_a_factor_of_three(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var log = store.Node!.Log;
        foreach (var round in Enumerable.Range(0, 3))
        {
            log.Fill(6_000, from: round * 6_000);
            foreach (var n in Enumerable.Range(0, 2_000))
            {
                log.Append($"short{round}x{n % 20}", TestEvent.Json("type-1", "{}"));
            }

            foreach (var n in Enumerable.Range(0, 20))
            {
                log.Delete($"short{round}x{n}", forGood: true);
            }

            log.Scavenge();
        }

        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        Task<EventCount> EstimateAsync() => source.EstimateCountAsync(EventPosition.BeforeFirst, EventFilter.OfTypes("type-1"), CancellationToken.None);

        // The last events that are looked at reach from behind the jump to before it.
        log.Fill(60);
        var count = await EstimateAsync();
        count.IsAbout.ShouldBeTrue();
        count.Events.ShouldBeInRange(2_010, 18_060, "There are 6,020.");

        log.Fill(540);
        (await EstimateAsync()).Events.ShouldBeInRange(2_070, 18_600, "There are 6,200.");
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Streams_that_are_given_as_uuids_count_for_every_category(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var type = store.Named("a");
        await store.AppendAsync($"invoice-{Guid.NewGuid()}", ReadingTools.Event(type, "{}"), ReadingTools.Event("b", "{}"));
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick with { StreamsAreUuids = true });

        (await source.EstimateCountAsync(store.Start, new EventFilter(new HashSet<string> { type }, "invoice"), CancellationToken.None)).ShouldBe(new EventCount(1));
    }

    private static EventPosition At(TestNode node, int index) => new(node.Log[index].Position, node.Log[index].Position);
}
