using System.Collections.Concurrent;
using System.Globalization;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;
using Projections.EventStoreDb.TestServer.Faults;
using Projections.EventStoreDb.TestServer.Log;

namespace Projections.EventStoreDb.TestServer.Services;

/// <summary>What a node is and does, to be changed while it runs.</summary>
internal sealed class NodeState(TestLog log)
{
    public TestLog Log { get; } = log;

    public VNodeState Role { get; set; } = VNodeState.Leader;

    /// <summary>The nodes of the cluster, as this one tells who asks; empty where it is alone.</summary>
    public Func<IReadOnlyList<MemberInfo>> Members { get; set; } = () => [];

    /// <summary>The leader, when this node is none.</summary>
    public NodeEndpoint? Leader { get; set; }

    /// <summary>How many records of the log have come to this node; a follower may lag.</summary>
    public int? Holds { get; set; }

    /// <summary>Who may do what; empty: everybody everything.</summary>
    public Dictionary<string, (string Password, bool MayRead)> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>The version whose ways the node has.</summary>
    public ServerVersion Version { get; set; } = ServerVersion.V24_10;

    /// <summary>What the next calls of the method Read run into, one each.</summary>
    public ConcurrentQueue<PlannedFault> Faults { get; } = new();

    /// <summary>What happens when a read or subscription has come, before it is answered.</summary>
    public Action<ReadReq> OnRead { get; set; } = _ => { };

    /// <summary>The calls that came, by their paths, with their requests where they are reads.</summary>
    public ConcurrentQueue<(string Method, ReadReq? Read)> Calls { get; } = new();

    public int Visible => Math.Min(Holds ?? int.MaxValue, Log.Count);

    public CallRefused NotLeader() => Leader is { } leader
        ? new CallRefused(
            GrpcStatusCode.NotFound,
            "Leader info available",
            ("exception", "not-leader"),
            ("leader-endpoint-host", leader.Host),
            ("leader-endpoint-port", leader.Port.ToString(CultureInfo.InvariantCulture)))
        : new CallRefused(GrpcStatusCode.Unknown, "No leader info available in response");
}
