namespace Projections.EventStoreDb.Connection;

/// <summary>Which node of a cluster to read from; another is taken when there is none of the kind.</summary>
public enum NodePreference
{
    /// <summary>The leader, and no other: a node that is not refuses.</summary>
    Leader,

    Follower,

    ReadOnlyReplica,

    Random,
}
