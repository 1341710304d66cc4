using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;

namespace Projections.EventStoreDb.Tests.Reading;

/// <summary>A store that was taken back to an earlier point is noticed, and never followed in silence.</summary>
public sealed class RestoredStoreTests
{
    [Fact]
    public async Task The_highest_position_of_a_restored_store_lies_before_the_checkpoint_and_what_is_gone_is_not_read()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(100);
        await using var source = await node.OpenAsync();
        var before = await source.GetSafeHeadAsync(CancellationToken.None);
        await node.StopAsync();
        node.Log.Restore(40);
        await node.StartAgainAsync();

        (await source.GetSafeHeadAsync(CancellationToken.None)).Highest.ShouldBeLessThan(before.Position);

        await using var fresh = await node.OpenAsync();
        var refused = await Should.ThrowAsync<EventSourceUnavailable>(
            () => fresh.ReadAsync(EventPosition.BeforeFirst, before.Position, EventFilter.All, CancellationToken.None).CollectAsync());
        refused.Message.ShouldContain("holds the log up to");
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task A_checkpoint_that_is_no_place_of_the_log_is_refused(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.FillAsync(100);
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        var place = (await store.ReadOwnAsync(source))[50].Position;
        var elsewhere = new EventPosition(place.Major + 1, place.Minor + 1);

        var refused = await Should.ThrowAsync<EventSourceUnusable>(() => source.ReadAllAsync(after: elsewhere));

        refused.InnerException.ShouldBeOfType<InvalidPosition>();
        refused.Message.ShouldContain("another store");
    }
}
