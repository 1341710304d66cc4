using Projections.Events;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.Testing;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Faults;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.Tests.Reading;

/// <summary>How far the server has searched counts as read, also where it found nothing.</summary>
public sealed class SearchTests
{
    private static readonly EventFilter Rare = EventFilter.OfTypes("rare");

    [Theory, OnTestServer, OnRealServer]
    public async Task Checkpoints_of_the_server_move_a_search_over_stretches_without_wanted_events(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        await store.FillAsync(45_000);
        await using var log = Opened.Log(store.ConnectionString);
        var end = await log.FindEndAsync(CancellationToken.None);

        var through = new List<EventPosition>();
        await foreach (var batch in log.SearchAsync(store.Start, end.Position, EventFilter.OfTypes(store.Named("rare")), CancellationToken.None))
        {
            batch.Count.ShouldBe(0);
            through.Add(batch.Through);
            batch.Dispose();
            if (kind == StoreKind.TestServer21)
            {
                // It does not say when it has come to the end.
                break;
            }
        }

        through.ShouldBe(through.Order());
        through[^1].ShouldBeGreaterThan(store.Start);
        if (kind != StoreKind.TestServer21)
        {
            through[^1].ShouldBe(end.Position);
        }
    }

    [Fact]
    public async Task A_search_that_breaks_off_goes_on_from_the_last_checkpoint_and_not_from_the_last_event()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Append("a-1", TestEvent.Json("rare", "{}"));
        node.Log.Fill(45_000);
        node.Log.Append("a-1", TestEvent.Json("rare", "{}"));
        await using var source = await node.OpenAsync(ReadingTools.Quick with { SearchPatience = TimeSpan.FromMilliseconds(500) });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        // The first read says nothing, as when the server searches for long; the search breaks off after two checkpoints.
        node.State.Faults.Enqueue(new PlannedFault(Fault.Stall, 1));
        node.State.Faults.Enqueue(new PlannedFault(Fault.Stall, 3));

        var read = await source.ReadAsync(EventPosition.BeforeFirst, head.Position, Rare, CancellationToken.None).CollectAsync();

        read.Count.ShouldBe(2);
        var reads = node.State.Calls.Select(call => call.Read).OfType<ReadReq>().Where(request => request.Options.Filter is not null).ToList();
        reads[0].Options.CountOptionCase.ShouldBe(ReadReq.Types.Options.CountOptionOneofCase.Count);
        reads[1].Options.CountOptionCase.ShouldBe(ReadReq.Types.Options.CountOptionOneofCase.Subscription);
        // Two checkpoints came, or one behind the event where that was slow to come; a checkpoint vouches for all but the last page.
        node.Log.IndexOf((long)reads[^1].Options.All.Position.CommitPosition).ShouldBeInRange(8_000, 20_001);
    }

    [Fact]
    public async Task Servers_that_do_not_say_that_they_have_caught_up_are_read_to_the_end()
    {
        await using var node = await TestNode.StartAsync(version: ServerVersion.V21_10);
        node.Log.Append("a-1", TestEvent.Json("rare", "{}"));
        node.Log.Fill(5_000);
        await using var source = await node.OpenAsync(ReadingTools.Quick with { SearchPatience = TimeSpan.FromMilliseconds(300) });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        node.State.Faults.Enqueue(new PlannedFault(Fault.Stall));

        var through = EventPosition.BeforeFirst;
        var count = 0;
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, Rare, CancellationToken.None))
        {
            through = batch.Through;
            count += batch.Count;
            batch.Dispose();
        }

        (count, through).ShouldBe((1, head.Position));
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task Types_and_categories_are_wanted_by_their_whole_names(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var (paid, invoice) = (store.Named("paid"), store.Named("invoice"));
        await store.AppendAsync("invoice-1", ReadingTools.Event(paid, "{}"), ReadingTools.Event($"{paid}_twice", "{}"));
        await store.AppendAsync("invoices-1", paid, "{}");
        await store.AppendAsync("invoice", "issued", "{}");
        await using var source = await store.OpenSourceAsync(ReadingTools.Quick);

        (await source.ReadAllAsync(EventFilter.OfTypes(paid), store.Start)).Select(seen => seen.Stream.Text).ShouldBe([store.Named("invoice-1"), store.Named("invoices-1")]);
        (await source.ReadAllAsync(new EventFilter(null, invoice), store.Start)).Select(seen => seen.Type).ShouldBe([paid, $"{paid}_twice", "issued"]);
        (await source.ReadAllAsync(new EventFilter(new HashSet<string> { paid }, invoice), store.Start)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_server_is_told_the_types_or_the_category_as_prefixes()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(3);
        await using var source = await node.OpenAsync();

        await source.ReadAllAsync(EventFilter.OfTypes("paid"));
        LastFilter(node).EventType.Prefix.ShouldBe(["paid"]);

        await source.ReadAllAsync(new EventFilter(null, "invoice"));
        LastFilter(node).StreamIdentifier.Prefix.ShouldBe(["invoice"]);

        await source.ReadAllAsync(new EventFilter(new HashSet<string> { "paid" }, "invoice"));
        LastFilter(node).EventType.Prefix.ShouldBe(["paid"]);
    }

    [Theory, OnTestServer, OnRealServer]
    public async Task What_is_left_out_here_takes_no_more_memory_than_a_batch(StoreKind kind)
    {
        await using var store = await StoreUnderTest.OpenAsync(kind);
        var (paid, body) = (store.Named("paid"), $$"""{"text":"{{new string('x', 1_000)}}"}""");
        for (var n = 0; n < 10; n++)
        {
            await store.AppendAsync("a-1", [.. Enumerable.Range(0, 500).Select(_ => ReadingTools.Event($"{paid}_twice", body))]);
        }

        await using var source = await store.OpenSourceAsync(ReadingTools.Quick with { BatchBytes = 64 * 1024, SearchPatience = TimeSpan.FromSeconds(30) });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var batches = 0;
        await foreach (var batch in source.ReadAsync(store.Start, head.Position, EventFilter.OfTypes(paid), CancellationToken.None))
        {
            batch.Count.ShouldBe(0);
            batch.Dispose();
            batches++;
        }

        // 6 MB went through buffers of 64 KB.
        batches.ShouldBeGreaterThan(60);
    }

    private static ReadReq.Types.FilterOptions LastFilter(TestNode node) => node.State.Calls.Last(call => call.Read?.Options.Filter is not null).Read!.Options.Filter;
}
