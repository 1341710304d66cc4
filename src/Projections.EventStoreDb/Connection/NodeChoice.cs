using Projections.EventStoreDb.Protocol;

namespace Projections.EventStoreDb.Connection;

/// <summary>Chooses one of a cluster's nodes.</summary>
internal static class NodeChoice
{
    /// <summary>
    /// A living node of the preferred kind, at random where there are several; one of another kind where there is none, except
    /// in place of a leader. <c>null</c> when no node can be used.
    /// </summary>
    public static NodeEndpoint? Choose(IReadOnlyList<MemberInfo> members, NodePreference preference, Random random)
    {
        var usable = members.Where(member => member.IsAlive && IsReadable(member.State)).ToArray();
        random.Shuffle(usable);
        var chosen = usable.FirstOrDefault(member => Is(member.State, preference));
        if (chosen is null && preference != NodePreference.Leader)
        {
            chosen = usable.FirstOrDefault();
        }

        return chosen is null ? null : Endpoint(chosen);
    }

    public static NodeEndpoint Endpoint(MemberInfo member) => new(member.HttpEndPoint.Address, (int)member.HttpEndPoint.Port);

    private static bool IsReadable(VNodeState state) => state is VNodeState.Leader or VNodeState.Follower
        or VNodeState.ReadOnlyReplica or VNodeState.PreReadOnlyReplica or VNodeState.ReadOnlyLeaderless;

    private static bool Is(VNodeState state, NodePreference preference) => preference switch
    {
        NodePreference.Leader => state == VNodeState.Leader,
        NodePreference.Follower => state == VNodeState.Follower,
        NodePreference.ReadOnlyReplica => state is VNodeState.ReadOnlyReplica or VNodeState.PreReadOnlyReplica or VNodeState.ReadOnlyLeaderless,
        _ => true,
    };
}
