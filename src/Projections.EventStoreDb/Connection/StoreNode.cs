using Projections.Events;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Connection;

/// <summary>A node of the store that can be called.</summary>
internal sealed class StoreNode(GrpcChannel channel, bool requiresLeader)
{
    public GrpcChannel Channel { get; } = channel;

    /// <summary>Whether the node is called as the leader, and is to refuse when it is not.</summary>
    public bool RequiresLeader { get; } = requiresLeader;

    /// <summary>The end of the log when the node was last asked; what lies before it is on the node for certain.</summary>
    public EventPosition KnownEnd { get; private set; } = EventPosition.BeforeFirst;

    public NodeEndpoint Endpoint => Channel.Node;

    public void Holds(EventPosition end)
    {
        lock (Channel)
        {
            KnownEnd = EventPosition.Max(KnownEnd, end);
        }
    }

    public override string ToString() => Endpoint.ToString();
}
