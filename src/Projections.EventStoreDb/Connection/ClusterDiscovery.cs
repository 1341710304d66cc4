using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;

namespace Projections.EventStoreDb.Connection;

/// <summary>Asks the hosts who is in the cluster, in random order and again and again, until one names a node that can be used.</summary>
internal sealed class ClusterDiscovery(StoreSettings settings, TimeProvider time, Random random)
{
    private const string Method = "event_store.client.gossip.Gossip/Read";

    // Nodes that were seen before are asked too: all hosts of an old configuration may be gone.
    private readonly HashSet<NodeEndpoint> _seen = [.. settings.Hosts];

    /// <exception cref="EventStoreDbException">No host named a usable node, in as many rounds as the settings allow.</exception>
    public async Task<NodeEndpoint> FindAsync(
        NodePreference preference, Func<NodeEndpoint, GrpcChannel> channels, CancellationToken cancellationToken)
    {
        var reason = "";
        for (var attempt = 1; ; attempt++)
        {
            // What does not pass at one node says nothing of the others.
            var (refused, mayPass) = (default(EventStoreDbException), false);
            var candidates = _seen.ToArray();
            random.Shuffle(candidates);
            foreach (var candidate in candidates)
            {
                try
                {
                    var members = await AskAsync(channels(candidate), cancellationToken);
                    if (NodeChoice.Choose(members, preference, random) is { } node)
                    {
                        return node;
                    }

                    reason = $"{candidate} knows of no {(preference == NodePreference.Leader ? "leader" : "usable node")}";
                    mayPass = true;
                }
                catch (GrpcFailed failed)
                {
                    reason = $"{candidate}: {failed.Detail}";
                    var failure = StoreErrors.Translate(failed, $"Discovering the cluster by {candidate}", settings.GossipTimeout);
                    refused = failure.IsPassing ? refused : failure;
                    mayPass |= failure.IsPassing;
                }
            }

            if (refused is not null && !mayPass)
            {
                throw refused;
            }

            if (attempt >= settings.MaxDiscoverAttempts)
            {
                throw new ServerUnavailable($"Discovering the cluster {settings}", $"no node was found in {attempt} rounds; the last answer: {reason}");
            }

            await Task.Delay(settings.DiscoveryInterval, time, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<MemberInfo>> AskAsync(GrpcChannel channel, CancellationToken cancellationToken)
    {
        await using var call = await GrpcCall.StartAsync(
            channel, Method, GrpcFrame.Write(new Empty()), requiresLeader: false, settings.GossipTimeout, cancellationToken);
        var members = (await call.ReadSingleAsync(ClusterInfo.Parser)).Members;
        foreach (var member in members)
        {
            _seen.Add(NodeChoice.Endpoint(member));
        }

        return members;
    }
}
