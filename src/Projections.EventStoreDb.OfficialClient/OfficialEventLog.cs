using System.Runtime.CompilerServices;
using EventStore.Client;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Reading;
using StreamDeleted = Projections.EventStoreDb.Errors.StreamDeleted;

namespace Projections.EventStoreDb.OfficialClient;

/// <summary>
/// Reads an EventStoreDB by the vendor's client, <c>EventStore.Client.Grpc.Streams</c>. What is read, and how streams and tenants are named, is said
/// by the same options as for <see cref="GrpcEventLog"/>.
/// </summary>
public sealed class OfficialEventLog : IEventLog
{
    private readonly EventStoreClient _client;
    private readonly EventStoreClient? _leader;
    private readonly LogTarget _target;
    private readonly ClientReads _reads;
    private readonly ClientReads _leaderReads;
    private readonly BatchLimits _large;
    private readonly BatchLimits _small;
    private readonly TimeProvider _time;

    /// <summary>Reads by clients that are given; the log owns them.</summary>
    /// <param name="client">Reads events.</param>
    /// <param name="options">What is read; the store's name, retries and the logger are the source's.</param>
    /// <param name="leader">Is asked for the end of the log, too, where <paramref name="client"/> prefers another node than the leader, which may lag behind.</param>
    public OfficialEventLog(EventStoreClient client, EventStoreDbSourceOptions? options = null, EventStoreClient? leader = null)
    {
        options ??= new EventStoreDbSourceOptions();
        _client = client;
        _leader = leader;
        _target = options.Target;
        _reads = new ClientReads(client, _target, new EventNaming(options.StreamsAreUuids, options.TenantMetadata));
        _leaderReads = leader is null ? _reads : ReadsOf(leader, _target);
        _large = new BatchLimits(options.BatchEvents, options.BatchBytes, TimeSpan.FromMilliseconds(20));
        // Whoever waits for an event must not wait for the next one too.
        _small = new BatchLimits(256, 64 * 1024, TimeSpan.Zero);
        _time = options.Time;
    }

    public string Name => _target.ToString();

    /// <summary>Makes the clients that a connection string asks for.</summary>
    public static OfficialEventLog Connect(string connectionString, EventStoreDbSourceOptions? options = null)
    {
        var settings = EventStoreClientSettings.Create(connectionString);
        if (settings.ConnectivitySettings.NodePreference == NodePreference.Leader)
        {
            return new OfficialEventLog(new EventStoreClient(settings), options);
        }

        var leader = EventStoreClientSettings.Create(connectionString);
        leader.ConnectivitySettings.NodePreference = NodePreference.Leader;
        return new OfficialEventLog(new EventStoreClient(settings), options, new EventStoreClient(leader));
    }

    public async Task<LogEnd> FindEndAsync(CancellationToken cancellationToken)
    {
        var position = await _reads.FindEndAsync(cancellationToken);
        var highest = _leader is null ? position : await _leaderReads.FindEndAsync(cancellationToken);
        return new LogEnd(position, EventPosition.Max(position, highest));
    }

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await EnsureHoldsAsync(upTo, cancellationToken);
        var batches = new MessageBatches(new ReadRange(after, upTo), _large, _time);
        await foreach (var batch in batches.RunAsync(stop => _reads.ReadAsync(after, EventSelection.Of(filter), stop), cancellationToken))
        {
            yield return batch;
        }
    }

    public async IAsyncEnumerable<EventBatch> SearchAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await EnsureHoldsAsync(upTo, cancellationToken);
        var selection = EventSelection.Of(filter);
        var batches = new MessageBatches(new ReadRange(after, upTo), _large, _time);
        await foreach (var batch in batches.RunAsync(stop => _reads.SubscribeAsync(after, selection, selection, stop), cancellationToken))
        {
            yield return batch;
        }
    }

    public async IAsyncEnumerable<EventBatch> FollowAsync(EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await EnsureHoldsAsync(after, cancellationToken);
        var batches = new MessageBatches(new ReadRange(after), _small, _time);
        // Not filtered by the server, which would then tell of the end of the log now and then only.
        var wanted = EventSelection.Of(filter);
        await foreach (var batch in batches.RunAsync(stop => _reads.SubscribeAsync(after, EventSelection.Everything, wanted, stop), cancellationToken))
        {
            yield return batch;
        }

        throw new ServerUnavailable($"Following {Name}", "the server ended the subscription");
    }

    public async Task<IReadOnlyList<RecordedEvent>> ReadFirstAsync(EventPosition after, int count, CancellationToken cancellationToken)
    {
        // One more, for the event at the position itself.
        var events = await _reads.ReadFewAsync(Direction.Forwards, after, count + 1, cancellationToken);
        return [.. events.Where(found => found.Position > after).Take(count)];
    }

    public Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) => _reads.FindAsync(position, cancellationToken);

    public async Task<long?> FindFirstRevisionAsync(RecordedEvent one, CancellationToken cancellationToken)
    {
        // A stream that is given as its UUID is called otherwise in the store, and only the event itself says how.
        var named = one.Stream.IsGuid ? await ReadsOf(_client, _target).FindAsync(one.Position, cancellationToken) : one;
        if (named is not { } found)
        {
            return null;
        }

        try
        {
            var stream = ReadsOf(_client, LogTarget.OfStream(found.Stream.Text));
            return await stream.ReadFewAsync(Direction.Forwards, EventPosition.BeforeFirst, 1, cancellationToken) is [var first, ..] ? first.Position.Major : null;
        }
        catch (StreamDeleted)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<RecordedEvent>?> ReadBeforeAsync(EventPosition position, int count, CancellationToken cancellationToken) =>
        _target.Stream is null ? await _reads.ReadFewAsync(Direction.Backwards, position, count, cancellationToken) : null;

    public async Task<IReadOnlyList<RecordedEvent>> ReadLastAsync(int count, CancellationToken cancellationToken) =>
        await _reads.ReadFewAsync(Direction.Backwards, null, count, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        if (_leader is not null)
        {
            await _leader.DisposeAsync();
        }
    }

    // Gives streams under the names that they have in the store.
    private static ClientReads ReadsOf(EventStoreClient client, LogTarget target) =>
        new(client, target, new EventNaming(streamsAreUuids: false, tenantMetadata: null));

    private async Task EnsureHoldsAsync(EventPosition position, CancellationToken cancellationToken)
    {
        if (await _reads.FindEndAsync(cancellationToken) is var end && end < position)
        {
            throw new ServerUnavailable($"Reading {Name}", $"the node holds the log up to {end} only, and {position} is asked for");
        }
    }
}
