using Projections.EventStoreDb.Connection;

namespace Projections.EventStoreDb.Errors;

/// <summary>The node is not the cluster's leader, and the call wants the leader.</summary>
public sealed class NotLeader(string what, NodeEndpoint? leader, Exception? innerException = null) : EventStoreDbException(
    $"{what}: the node is not the leader; {(leader is { } known ? $"the leader is {known}" : "it does not say who is")}.",
    innerException)
{
    /// <summary>The leader, as the node that was asked knows it.</summary>
    public NodeEndpoint? Leader { get; } = leader;

    public override bool IsPassing => true;
}
