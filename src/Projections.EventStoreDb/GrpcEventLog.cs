using System.Runtime.CompilerServices;
using Projections.Events;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb;

/// <summary>
/// Reads an EventStoreDB or KurrentDB by its public protocol, gRPC's service <c>event_store.client.streams.Streams</c>. See
/// https://docs.kurrent.io/clients/.
/// </summary>
public sealed class GrpcEventLog : IEventLog
{
    private readonly StoreConnection _connection;
    private readonly LogTarget _target;
    private readonly ReadRequests _requests;
    private readonly ReadAnswers _answers;
    private readonly NodeReads _reads;
    private readonly BatchLimits _large;
    private readonly BatchLimits _small;

    /// <exception cref="ConnectionStringInvalid">A part of the connection string is unknown or malformed.</exception>
    public GrpcEventLog(string connectionString, EventStoreDbSourceOptions? options = null)
        : this(ConnectionString.Parse(connectionString), options ?? new EventStoreDbSourceOptions())
    {
    }

    internal GrpcEventLog(StoreSettings settings, EventStoreDbSourceOptions options)
    {
        _connection = new StoreConnection(settings, options.Time, options.Random);
        _target = options.Target;
        _requests = new ReadRequests(_target);
        _answers = new ReadAnswers(_target, new EventNaming(options.StreamsAreUuids, options.TenantMetadata));
        _reads = new NodeReads(_connection, _target, _requests, _answers);
        // What has been read waits for a fuller batch, but not so long that anybody notices.
        _large = new BatchLimits(options.BatchEvents, options.BatchBytes, TimeSpan.FromMilliseconds(20));
        // Whoever waits for an event must not wait for the next one too.
        _small = new BatchLimits(256, 64 * 1024, TimeSpan.Zero);
    }

    public string Name => _target.ToString();

    public async Task<LogEnd> FindEndAsync(CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        var position = await EndOfAsync(node, cancellationToken);
        if (node.RequiresLeader)
        {
            return new LogEnd(position, position);
        }

        var leader = await _connection.FindLeaderAsync(cancellationToken);
        var highest = leader == node ? position : await EndOfAsync(leader, cancellationToken);
        return new LogEnd(position, EventPosition.Max(position, highest));
    }

    public IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken)
    {
        var selection = EventSelection.Of(filter);
        var request = _requests.Forwards(after, selection, long.MaxValue);
        return RangeAsync(new ReadRange(after, upTo), selection, node => _reads.StartAsync(node, request, after, cancellationToken), cancellationToken);
    }

    public IAsyncEnumerable<EventBatch> SearchAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken)
    {
        var selection = EventSelection.Of(filter);
        return RangeAsync(new ReadRange(after, upTo), selection, node => SubscribeAsync(node, after, selection, cancellationToken), cancellationToken);
    }

    public async IAsyncEnumerable<EventBatch> FollowAsync(
        EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        await EnsureHoldsAsync(node, after, cancellationToken);
        // Not filtered by the server, which would then tell of the end of the log now and then only.
        await using var call = await SubscribeAsync(node, after, EventSelection.Everything, cancellationToken);
        var read = new ReadCall(call, _answers, EventSelection.Of(filter), new ReadRange(after), _small, _connection.Time);
        await using var batches = read.BatchesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await _reads.GuardAsync(node, batches.MoveNextAsync(), after, cancellationToken))
        {
            yield return batches.Current;
        }

        throw _reads.Unavailable(node, $"{node} ended the subscription");
    }

    public async Task<IReadOnlyList<RecordedEvent>> ReadFirstAsync(EventPosition after, int count, CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        // One more, for the event at the position itself.
        var events = await _reads.ReadFewAsync(node, _requests.Forwards(after, EventSelection.Everything, count + 1L), after, cancellationToken);
        return [.. events.Where(found => found.Position > after).Take(count)];
    }

    public async Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) =>
        await _reads.FindAsync(await _connection.FindAsync(cancellationToken), position, cancellationToken);

    public async Task<long?> FindFirstRevisionAsync(RecordedEvent one, CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        // A stream that is given as its UUID is called otherwise in the store, and only the event itself says how.
        var named = one.Stream.IsGuid ? await ReadsOf(_target).FindAsync(node, one.Position, cancellationToken) : one;
        if (named is not { } found)
        {
            return null;
        }

        try
        {
            var stream = LogTarget.OfStream(found.Stream.Text);
            return await ReadsOf(stream).FindFirstAsync(node, cancellationToken) is { } first ? first.Position.Major : null;
        }
        catch (StreamDeleted)
        {
            return null;
        }
    }

    public async Task<IReadOnlyList<RecordedEvent>?> ReadBeforeAsync(EventPosition position, int count, CancellationToken cancellationToken) => _target.IsAll
        ? await _reads.ReadFewAsync(await _connection.FindAsync(cancellationToken), _requests.Before(position, count), position, cancellationToken)
        : null;

    public async Task<IReadOnlyList<RecordedEvent>> ReadLastAsync(int count, CancellationToken cancellationToken) =>
        await _reads.ReadFewAsync(await _connection.FindAsync(cancellationToken), _requests.Backwards(count), null, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    // Gives streams under the names that they have in the store.
    private NodeReads ReadsOf(LogTarget target) =>
        new(_connection, target, new ReadRequests(target), new ReadAnswers(target, new EventNaming(streamsAreUuids: false, tenantMetadata: null)));

    private async IAsyncEnumerable<EventBatch> RangeAsync(
        ReadRange range, EventSelection selection, Func<StoreNode, Task<GrpcCall>> start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        await EnsureHoldsAsync(node, range.UpTo!.Value, cancellationToken);
        await using var call = await start(node);
        var read = new ReadCall(call, _answers, selection, range, _large, _connection.Time);
        await using var batches = read.BatchesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await _reads.GuardAsync(node, batches.MoveNextAsync(), range.After, cancellationToken))
        {
            yield return batches.Current;
        }
    }

    // Servers before 24.2 begin a subscription by reading one event at the position, and go on behind it. Where the record there is gone
    // (scavenged), that one is the first that should come, and nobody ever sees it. So a subscription begins at an event before the
    // position, and counts only if that event is still there after the subscription has begun: it was there then, too.
    private async Task<GrpcCall> SubscribeAsync(StoreNode node, EventPosition after, EventSelection selection, CancellationToken cancellationToken)
    {
        var from = _target.IsAll ? await _reads.FindBeforeAsync(node, after, cancellationToken) : after;
        var call = await _reads.StartAsync(node, _requests.Subscribe(from, selection), from, cancellationToken);
        try
        {
            if (_target.IsAll && from != EventPosition.BeforeFirst)
            {
                await _reads.GuardAsync(node, BegunAsync(call), from, cancellationToken);
                if (await _reads.FindAsync(node, from, cancellationToken) is null)
                {
                    throw _reads.Unavailable(node, $"the event at {from}, at which a subscription began, has been scavenged meanwhile");
                }
            }

            return call;
        }
        catch
        {
            await call.DisposeAsync();
            throw;
        }
    }

    // The first that a subscription says is that it has begun.
    private static async ValueTask<bool> BegunAsync(GrpcCall call)
    {
        await call.WaitAsync();
        return true;
    }

    private async Task EnsureHoldsAsync(StoreNode node, EventPosition upTo, CancellationToken cancellationToken)
    {
        if (node.KnownEnd < upTo && await EndOfAsync(node, cancellationToken) < upTo)
        {
            throw _reads.Unavailable(node, $"{node} holds the log up to {node.KnownEnd} only, and {upTo} is asked for");
        }
    }

    private async Task<EventPosition> EndOfAsync(StoreNode node, CancellationToken cancellationToken)
    {
        var last = await _reads.ReadFewAsync(node, _requests.Backwards(1), null, cancellationToken);
        var end = last.Count > 0 ? last[0].Position : EventPosition.BeforeFirst;
        node.Holds(end);
        return end;
    }
}
