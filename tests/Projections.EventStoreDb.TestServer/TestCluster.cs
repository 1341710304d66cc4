using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.TestServer;

/// <summary>Several nodes over one log.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private TestCluster(TestLog log, IReadOnlyList<TestNode> nodes)
    {
        Log = log;
        Nodes = nodes;
        IsAlive = [.. nodes.Select(_ => true)];
    }

    public TestLog Log { get; }

    public IReadOnlyList<TestNode> Nodes { get; }

    /// <summary>What the nodes say of each other.</summary>
    public bool[] IsAlive { get; }

    public static async Task<TestCluster> StartAsync(params IReadOnlyList<VNodeState> roles)
    {
        var log = new TestLog();
        var nodes = new List<TestNode>();
        foreach (var role in roles)
        {
            var node = await TestNode.StartAsync(log);
            node.State.Role = role;
            nodes.Add(node);
        }

        var cluster = new TestCluster(log, nodes);
        foreach (var node in nodes)
        {
            node.State.Members = cluster.Members;
        }

        cluster.TellLeader();
        return cluster;
    }

    public string ConnectionString(string? settings = null) =>
        $"esdb://{string.Join(',', Nodes.Select(node => node.Endpoint))}?tls=false{(settings is null ? "" : $"&{settings}")}";

    /// <summary>Makes another node the leader.</summary>
    public void Elect(int leader)
    {
        for (var index = 0; index < Nodes.Count; index++)
        {
            Nodes[index].State.Role = index == leader ? VNodeState.Leader : VNodeState.Follower;
        }

        TellLeader();
    }

    /// <summary>The reads and subscriptions that came to a node.</summary>
    public IReadOnlyList<ReadReq> ReadCalls(int node) => [.. Nodes[node].State.Calls.Select(call => call.Read).OfType<ReadReq>()];

    public void ForgetCalls()
    {
        foreach (var node in Nodes)
        {
            node.State.Calls.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    private void TellLeader()
    {
        var leader = Nodes.FirstOrDefault(node => node.State.Role == VNodeState.Leader)?.Endpoint;
        foreach (var node in Nodes)
        {
            node.State.Leader = leader;
        }
    }

    private IReadOnlyList<MemberInfo> Members() => [.. Nodes.Select((node, index) => new MemberInfo
    {
        State = node.State.Role,
        IsAlive = IsAlive[index],
        HttpEndPoint = new EndPoint { Address = node.Endpoint.Host, Port = (uint)node.Port },
    })];
}
