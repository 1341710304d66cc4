using Projections.Events;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Faults;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.Tests.Reading;

/// <summary>How far the server has searched counts as read, also where it found nothing.</summary>
public sealed class SearchTests
{
    private static readonly EventFilter Rare = EventFilter.OfTypes("rare");

    [Fact]
    public async Task Checkpoints_of_the_server_move_a_search_over_stretches_without_wanted_events()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(45_000);
        await using var log = new GrpcEventLog(node.ConnectionString);
        var end = await log.FindEndAsync(CancellationToken.None);

        var through = new List<EventPosition>();
        await foreach (var batch in log.SearchAsync(EventPosition.BeforeFirst, end.Position, Rare, CancellationToken.None))
        {
            batch.Count.ShouldBe(0);
            through.Add(batch.Through);
            batch.Dispose();
        }

        through.ShouldBe(through.Order());
        through[^1].ShouldBe(end.Position);
        node.State.Calls.Last().Read!.Options.Filter.EventType.Prefix.ShouldBe(["rare"]);
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
        await using var node = await TestNode.StartAsync();
        node.State.SaysCaughtUp = false;
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

    [Fact]
    public async Task The_server_filters_by_types_or_by_category_and_what_it_sends_too_much_is_left_out()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Append("invoice-1", TestEvent.Json("paid", "{}"), TestEvent.Json("paid_twice", "{}"));
        node.Log.Append("invoices-1", TestEvent.Json("paid", "{}"));
        node.Log.Append("invoice", TestEvent.Json("issued", "{}"));
        await using var source = await node.OpenAsync();

        (await source.ReadAllAsync(EventFilter.OfTypes("paid"))).Select(seen => seen.Stream.Text).ShouldBe(["invoice-1", "invoices-1"]);
        LastFilter(node).EventType.Prefix.ShouldBe(["paid"]);

        (await source.ReadAllAsync(new EventFilter(null, "invoice"))).Select(seen => seen.Type).ShouldBe(["paid", "paid_twice", "issued"]);
        LastFilter(node).StreamIdentifier.Prefix.ShouldBe(["invoice"]);

        (await source.ReadAllAsync(new EventFilter(new HashSet<string> { "paid" }, "invoice"))).Count.ShouldBe(1);
        LastFilter(node).EventType.Prefix.ShouldBe(["paid"]);
    }

    [Fact]
    public async Task What_is_left_out_here_takes_no_more_memory_than_a_batch()
    {
        await using var node = await TestNode.StartAsync();
        for (var n = 0; n < 5_000; n++)
        {
            node.Log.Append("a-1", TestEvent.Json("paid_twice", $$"""{"text":"{{new string('x', 1_000)}}"}"""));
        }

        await using var source = await node.OpenAsync(ReadingTools.Quick with { BatchBytes = 64 * 1024, SearchPatience = TimeSpan.FromSeconds(30) });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var batches = 0;
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes("paid"), CancellationToken.None))
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
