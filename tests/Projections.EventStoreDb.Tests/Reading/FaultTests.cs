using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Faults;
using Projections.EventStoreDb.TestServer.Log;
using Projections.TestServers;

namespace Projections.EventStoreDb.Tests.Reading;

/// <summary>Whatever goes wrong on the way, each event comes once and in order, or the reading fails with a reason.</summary>
public sealed class FaultTests
{
    private const int Events = 500;

    public static TheoryData<Fault, int> Faults
    {
        get
        {
            var all = new TheoryData<Fault, int>();
            foreach (var fault in Enum.GetValues<Fault>().Except([Fault.NotLeader]))
            {
                all.Add(fault, 0);
                all.Add(fault, 123);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_in_the_answer_loses_and_doubles_nothing(Fault fault, int afterMessages)
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(Events);
        await using var source = await node.OpenAsync();
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        node.State.Faults.Enqueue(new PlannedFault(fault, afterMessages));

        var read = await source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None).CollectAsync();

        read.Select(seen => seen.Data).ShouldBe(Enumerable.Range(0, Events).Select(n => $$"""{"n":{{n}}}"""));
        node.State.Faults.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_while_following_loses_and_doubles_nothing(Fault fault, int afterMessages)
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(Events);
        await using var source = await node.OpenAsync();
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        // One for the question where the log ends, and one for the subscription, which a server that falls silent there would only seem to be.
        node.State.Faults.Enqueue(new PlannedFault(fault, afterMessages, InShortRead: true));
        if (fault != Fault.Stall)
        {
            node.State.Faults.Enqueue(new PlannedFault(fault, afterMessages));
        }

        var following = source.FollowAsync(head.Position, EventFilter.All, CancellationToken.None).CollectAsync(Events);
        await SubscribedAsync(node, 1);
        node.Log.Fill(Events, from: Events);

        (await following.WaitAsync(Deadline.Generous)).Select(seen => seen.Data).ShouldBe(Enumerable.Range(Events, Events).Select(n => $$"""{"n":{{n}}}"""));
        node.State.Faults.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Fault.Reset)]
    [InlineData(Fault.Stall)]
    [InlineData(Fault.Unavailable)]
    [InlineData(Fault.GarbledMessage)]
    public async Task Faults_without_end_make_the_source_unavailable_when_the_attempts_are_used_up(Fault fault)
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(Events);
        await using var source = await node.OpenAsync(ReadingTools.Quick with { Retries = 2, SearchPatience = TimeSpan.FromMilliseconds(50) });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        for (var i = 0; i < 50; i++)
        {
            node.State.Faults.Enqueue(new PlannedFault(fault));
        }

        var failed = await Should.ThrowAsync<EventSourceUnavailable>(
            () => source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None).CollectAsync());

        failed.InnerException.ShouldBeAssignableTo<EventStoreDbException>()!.IsPassing.ShouldBeTrue();
        failed.Message.ShouldContain("$all");
        (50 - node.State.Faults.Count).ShouldBeInRange(3, 7);
    }

    [Fact]
    public async Task Many_faults_one_after_the_other_are_outlived_while_something_is_read_in_between()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(3_000);
        await using var source = await node.OpenAsync(ReadingTools.Quick with { BatchEvents = 50, Retries = 1 });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            // What comes before the fault comes whole, so each attempt brings something.
            node.State.Faults.Enqueue(new PlannedFault(Fault.Unknown, 120));
        }

        var read = await source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None).CollectAsync();

        read.Select(seen => seen.Data).ShouldBe(Enumerable.Range(0, 3_000).Select(n => $$"""{"n":{{n}}}"""));
        node.State.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_server_that_is_killed_and_comes_back_in_the_middle_is_read_on()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(20_000);
        await using var source = await node.OpenAsync(ReadingTools.Quick with { BatchEvents = 100, Retries = 20 });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);

        var read = new List<string>();
        var restarts = 0;
        Task? restarting = null;
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            using (batch)
            {
                read.AddRange(batch.Memory.ToArray().Select(seen => ReadingTools.Text(seen.Data)));
            }

            if (read.Count > 4_000 * (restarts + 1) && restarts < 3)
            {
                restarts++;
                await (restarting ?? Task.CompletedTask);
                await node.StopAsync();
                restarting = node.StartAgainAsync();
            }
        }

        restarts.ShouldBe(3);
        read.ShouldBe(Enumerable.Range(0, 20_000).Select(n => $$"""{"n":{{n}}}"""));
    }

    [Fact]
    public async Task A_broken_connection_and_a_restart_wake_nobody_who_waits_and_the_next_event_does()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(10);
        await using var proxy = new FreezableProxy(node.Endpoint);
        await using var source = await Opened.SourceAsync($"esdb://127.0.0.1:{proxy.Port}?tls=false", ReadingTools.Quick with { Retries = 50 });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        var waiting = source.MovedAsync(head.Position);
        await SubscribedAsync(node, 1);

        proxy.Cut();
        await SubscribedAsync(node, 2);
        await node.StopAsync();
        await node.StartAgainAsync();
        await SubscribedAsync(node, 3);
        waiting.IsCompleted.ShouldBeFalse();
        var appended = node.Log.Append("a-1", TestEvent.Json("a", "{}"));

        (await waiting.WaitAsync(Deadline.Generous)).Major.ShouldBe(appended.Position);
    }

    [Fact]
    public async Task A_silent_connection_is_noticed_by_its_pings()
    {
        await using var node = await TestNode.StartAsync();
        node.Log.Fill(10);
        await using var proxy = new FreezableProxy(node.Endpoint);
        var connectionString = $"esdb://127.0.0.1:{proxy.Port}?tls=false&keepAliveInterval=1000&keepAliveTimeout=1000&defaultDeadline=60000";
        await using var log = Opened.Log(connectionString);
        var end = await log.FindEndAsync(CancellationToken.None);
        await using var tail = log.FollowAsync(end.Position, EventFilter.All, CancellationToken.None).GetAsyncEnumerator();
        var next = tail.MoveNextAsync().AsTask();
        await SubscribedAsync(node, 1);

        proxy.Freeze();

        await Should.ThrowAsync<ServerUnavailable>(() => next.WaitAsync(Deadline.Generous));
    }

    private static async Task SubscribedAsync(TestNode node, int times)
    {
        var began = DateTime.UtcNow;
        while (node.State.Calls.Count(call => call.Read?.Options.Subscription is not null) < times)
        {
            (DateTime.UtcNow - began).ShouldBeLessThan(Deadline.Generous, $"not subscribed {times} times");
            await Task.Delay(5);
        }
    }
}
