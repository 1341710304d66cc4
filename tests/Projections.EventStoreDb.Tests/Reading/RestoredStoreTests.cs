using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Faults;

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
    public async Task A_checkpoint_that_is_no_place_of_the_log_is_refused_in_whatever_words_the_server_says_so(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.FillAsync(100);
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        await using var log = Opened.Log(store.ConnectionString);
        var elsewhere = await NoPlaceAsync(store, source);
        var end = await log.FindEndAsync(CancellationToken.None);

        await RefusedAsync(() => source.ReadAllAsync(after: elsewhere));
        await RefusedAsync(() => source.ReadAllAsync(EventFilter.OfTypes("type-1"), elsewhere));
        await RefusedAsync(() => source.FindAsync(elsewhere, CancellationToken.None));
        await RefusedAsync(() => source.GetTimeOfNextAsync(elsewhere, CancellationToken.None));
        await RefusedAsync(() => source.EstimateCountAsync(elsewhere, EventFilter.All, CancellationToken.None));
        await Should.ThrowAsync<InvalidPosition>(() => log.SearchAsync(elsewhere, end.Position, EventFilter.All, CancellationToken.None).CollectAsync());
        await Should.ThrowAsync<InvalidPosition>(() => log.FollowAsync(elsewhere, EventFilter.All, CancellationToken.None).FirstAsync().AsTask());
    }

    [Theory, OnTestServer]
    public async Task An_error_of_the_servers_own_is_not_taken_for_a_wrong_checkpoint(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.FillAsync(100);
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);
        var place = (await store.ReadOwnAsync(source))[50].Position;
        store.Node!.State.Faults.Enqueue(new PlannedFault(Fault.Unknown));

        (await source.ReadAllAsync(after: place)).Count.ShouldBe(49);
        store.Node.State.Faults.ShouldBeEmpty();
    }

    private static async Task<EventPosition> NoPlaceAsync(StoreUnderTest store, IEventSource source)
    {
        var place = (await store.ReadOwnAsync(source))[50].Position;
        return new EventPosition(place.Major + 1, place.Minor + 1);
    }

    private static async Task RefusedAsync(Func<Task> reading)
    {
        var refused = await Should.ThrowAsync<EventSourceUnusable>(reading);
        refused.InnerException.ShouldBeOfType<InvalidPosition>();
        refused.Message.ShouldContain("another store");
    }
}
