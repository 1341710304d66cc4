using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer;
using Projections.EventStoreDb.TestServer.Faults;

namespace Projections.EventStoreDb.Tests.Connection;

public sealed class ClusterTests
{
    [Theory]
    [InlineData("leader", 0)]
    [InlineData("follower", 1)]
    [InlineData("readOnlyReplica", 2)]
    public async Task The_node_that_is_preferred_is_found_by_gossip_and_read_from(string preference, int expected)
    {
        await using var cluster = await TestCluster.StartAsync(VNodeState.Leader, VNodeState.Follower, VNodeState.ReadOnlyReplica);
        cluster.Log.Fill(20);
        await using var source = await EventStoreDbSource.OpenAsync(cluster.ConnectionString($"nodePreference={preference}"), ReadingTools.Quick);
        await source.GetSafeHeadAsync(CancellationToken.None);
        cluster.ForgetCalls();

        (await source.ReadAllAsync()).Count.ShouldBe(20);

        cluster.ReadCalls(expected).ShouldContain(read => read.Options.Filter != null);
        for (var other = 0; other < 3; other++)
        {
            if (other != expected)
            {
                cluster.ReadCalls(other).ShouldAllBe(read => read.Options.Filter == null);
            }
        }
    }

    [Fact]
    public async Task One_living_seed_is_enough_and_dead_members_are_passed_over()
    {
        await using var cluster = await TestCluster.StartAsync(VNodeState.Follower, VNodeState.Leader, VNodeState.Follower);
        cluster.Log.Fill(5);
        await cluster.Nodes[0].StopAsync();
        cluster.IsAlive[0] = false;

        await using var source = await EventStoreDbSource.OpenAsync(cluster.ConnectionString(), ReadingTools.Quick);

        (await source.ReadAllAsync()).Count.ShouldBe(5);
    }

    [Fact]
    public async Task When_no_seed_answers_the_error_names_the_cluster_and_the_attempts()
    {
        await using var cluster = await TestCluster.StartAsync(VNodeState.Leader, VNodeState.Follower);
        foreach (var node in cluster.Nodes)
        {
            await node.StopAsync();
        }

        var connectionString = cluster.ConnectionString("maxDiscoverAttempts=2&discoveryInterval=10");
        var failed = await Should.ThrowAsync<EventSourceUnavailable>(() => EventStoreDbSource.OpenAsync(connectionString, ReadingTools.Quick with { Retries = 1 }));

        failed.InnerException.ShouldBeOfType<ServerUnavailable>();
        failed.Message.ShouldContain($"{cluster.Nodes[0].Endpoint}");
        failed.Message.ShouldContain("2 rounds");
    }

    [Fact]
    public async Task A_node_that_is_not_the_leader_sends_us_to_the_leader()
    {
        await using var cluster = await TestCluster.StartAsync(VNodeState.Follower, VNodeState.Leader);
        cluster.Log.Fill(5);

        await using var source = await EventStoreDbSource.OpenAsync(cluster.Nodes[0].ConnectionString, ReadingTools.Quick);

        (await source.ReadAllAsync()).Count.ShouldBe(5);
        cluster.ReadCalls(1).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_change_of_leader_in_the_middle_loses_and_doubles_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(VNodeState.Leader, VNodeState.Follower, VNodeState.Follower);
        cluster.Log.Fill(10_000);
        await using var source = await EventStoreDbSource.OpenAsync(cluster.ConnectionString(), ReadingTools.Quick with { BatchEvents = 100 });
        var head = await source.GetSafeHeadAsync(CancellationToken.None);
        // A reset takes what has not been read of the answer with it, so it cannot be said which of these the election falls between.
        for (var attempt = 0; attempt < 10; attempt++)
        {
            cluster.Nodes[0].State.Faults.Enqueue(new PlannedFault(Fault.Reset, 4_321));
        }

        cluster.Nodes[1].State.Faults.Enqueue(new PlannedFault(Fault.Reset, 1_234));

        var read = new List<SeenEvent>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.All, CancellationToken.None))
        {
            using (batch)
            {
                read.AddRange(batch.Memory.ToArray().Select(SeenEvent.Of));
            }

            if (read.Count > 1_000)
            {
                cluster.Elect(1);
            }
        }

        read.Select(seen => seen.Data).ShouldBe(Enumerable.Range(0, 10_000).Select(n => $$"""{"n":{{n}}}"""));
        cluster.ReadCalls(1).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_has_not_come_to_a_follower_yet_does_not_count_as_not_being_there()
    {
        await using var cluster = await TestCluster.StartAsync(VNodeState.Leader, VNodeState.Follower);
        cluster.Log.Fill(100);
        await using var leader = await EventStoreDbSource.OpenAsync(cluster.ConnectionString(), ReadingTools.Quick);
        var head = await leader.GetSafeHeadAsync(CancellationToken.None);
        cluster.Nodes[1].State.Holds = 60;
        await using var source = await EventStoreDbSource.OpenAsync(cluster.ConnectionString("nodePreference=follower"), ReadingTools.Quick with { Retries = 1 });

        var lagging = await source.GetSafeHeadAsync(CancellationToken.None);
        lagging.Position.Major.ShouldBe(cluster.Log[59].Position);
        lagging.Highest.ShouldBe(head.Position);
        await Should.ThrowAsync<EventSourceUnavailable>(
            () => source.ReadAsync(EventPosition.BeforeFirst, head.Position, EventFilter.OfTypes("nothing"), CancellationToken.None).CollectAsync());

        cluster.Nodes[1].State.Holds = null;
        (await source.ReadAllAsync()).Count.ShouldBe(100);
    }

    [Fact]
    public async Task Appends_go_to_the_leader_whatever_the_preference()
    {
        await using var cluster = await TestCluster.StartAsync(VNodeState.Follower, VNodeState.Leader);
        using var appender = new EventStoreAppender(cluster.ConnectionString("nodePreference=follower"));

        (await appender.AppendAsync("a-1", StreamState.NoStream, [new EventToAppend("a", "{}"u8.ToArray())])).ShouldBe(0);

        cluster.Log.Count.ShouldBe(1);
        cluster.Nodes[1].State.Calls.ShouldContain(call => call.Method.EndsWith("/Append"));
    }
}
