using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Connection;

/// <summary>
/// Knows which node to call: the only one, or the one of a cluster that the settings prefer, found by gossip when it is first
/// needed and again after it failed.
/// </summary>
internal sealed class StoreConnection(StoreSettings settings, TimeProvider time, Random random) : IDisposable
{
    private readonly ClusterDiscovery _discovery = new(settings, time, random);
    private readonly SemaphoreSlim _finding = new(1);
    private readonly Dictionary<NodeEndpoint, GrpcChannel> _channels = [];
    private volatile StoreNode? _current;
    private volatile StoreNode? _leader;

    public StoreSettings Settings => settings;

    public TimeProvider Time => time;

    /// <summary>The node to read from.</summary>
    /// <exception cref="EventStoreDbException">None was found.</exception>
    public async ValueTask<StoreNode> FindAsync(CancellationToken cancellationToken)
    {
        if (_current is { } current)
        {
            return current;
        }

        await _finding.WaitAsync(cancellationToken);
        try
        {
            if (_current is { } found)
            {
                return found;
            }

            var endpoint = settings.Discover
                ? await _discovery.FindAsync(settings.NodePreference, Channel, cancellationToken)
                : settings.Hosts[0];
            var node = new StoreNode(Channel(endpoint), settings.NodePreference == NodePreference.Leader);
            _current = node;
            return node;
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>The leader, which knows the true end of the log; where nobody can be asked who that is, the one node there is.</summary>
    /// <exception cref="EventStoreDbException">None was found.</exception>
    public async ValueTask<StoreNode> FindLeaderAsync(CancellationToken cancellationToken)
    {
        if (settings.NodePreference == NodePreference.Leader || !settings.Discover)
        {
            return await FindAsync(cancellationToken);
        }

        if (_leader is { } known)
        {
            return known;
        }

        await _finding.WaitAsync(cancellationToken);
        try
        {
            var leader = new StoreNode(Channel(await _discovery.FindAsync(NodePreference.Leader, Channel, cancellationToken)), requiresLeader: true);
            _leader = leader;
            return leader;
        }
        finally
        {
            _finding.Release();
        }
    }

    /// <summary>Lets go of a node that failed; the next call looks for one again, or goes to the leader that the node named.</summary>
    public void Leave(StoreNode node, EventStoreDbException reason)
    {
        var leader = reason is NotLeader { Leader: { } named } ? new StoreNode(Channel(named), requiresLeader: true) : null;
        Interlocked.CompareExchange(ref _current, leader, node);
        Interlocked.CompareExchange(ref _leader, leader, node);
    }

    public void Dispose()
    {
        lock (_channels)
        {
            foreach (var channel in _channels.Values)
            {
                channel.Dispose();
            }

            _channels.Clear();
        }

        _finding.Dispose();
    }

    // A node that comes back finds its channel again; there are never more than the cluster ever had nodes.
    private GrpcChannel Channel(NodeEndpoint endpoint)
    {
        lock (_channels)
        {
            if (!_channels.TryGetValue(endpoint, out var channel))
            {
                channel = new GrpcChannel(endpoint, settings, time);
                _channels.Add(endpoint, channel);
            }

            return channel;
        }
    }
}
