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
        return RangeAsync(new ReadRange(after, upTo), selection, _requests.Forwards(after, selection, long.MaxValue), cancellationToken);
    }

    public IAsyncEnumerable<EventBatch> SearchAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, CancellationToken cancellationToken)
    {
        var selection = EventSelection.Of(filter);
        return RangeAsync(new ReadRange(after, upTo), selection, _requests.Subscribe(after, selection), cancellationToken);
    }

    public async IAsyncEnumerable<EventBatch> FollowAsync(
        EventPosition after, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        await EnsureHoldsAsync(node, after, cancellationToken);
        // Not filtered by the server, which would then tell of the end of the log now and then only.
        var request = _requests.Subscribe(after, EventSelection.Everything);
        await using var call = await StartAsync(node, request, null, cancellationToken);
        var read = new ReadCall(call, _answers, EventSelection.Of(filter), new ReadRange(after), _small, _connection.Time);
        await using var batches = read.BatchesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(node, batches.MoveNextAsync()))
        {
            yield return batches.Current;
        }

        throw Left(node, new ServerUnavailable(What, $"{node} ended the subscription"));
    }

    public async Task<IReadOnlyList<RecordedEvent>> ReadFirstAsync(EventPosition after, int count, CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        // One more, for the event at the position itself.
        var events = await ReadFewAsync(node, _requests.Forwards(after, EventSelection.Everything, count + 1L), cancellationToken);
        return [.. events.Where(found => found.Position > after).Take(count)];
    }

    public async Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        // Reading begins with the event at the position itself.
        return await ReadFewAsync(node, _requests.Forwards(position, EventSelection.Everything, 1), cancellationToken) is [var found, ..] && found.Position == position
            ? found
            : null;
    }

    public async Task<IReadOnlyList<RecordedEvent>> ReadLastAsync(int count, CancellationToken cancellationToken) =>
        await ReadFewAsync(await _connection.FindAsync(cancellationToken), _requests.Backwards(count), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<EventBatch> RangeAsync(
        ReadRange range, EventSelection selection, byte[] request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var node = await _connection.FindAsync(cancellationToken);
        await EnsureHoldsAsync(node, range.UpTo!.Value, cancellationToken);
        await using var call = await StartAsync(node, request, null, cancellationToken);
        var read = new ReadCall(call, _answers, selection, range, _large, _connection.Time);
        await using var batches = read.BatchesAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(node, batches.MoveNextAsync()))
        {
            yield return batches.Current;
        }
    }

    private async Task EnsureHoldsAsync(StoreNode node, EventPosition upTo, CancellationToken cancellationToken)
    {
        if (node.KnownEnd < upTo && await EndOfAsync(node, cancellationToken) < upTo)
        {
            throw Left(node, new ServerUnavailable(What, $"{node} holds the log up to {node.KnownEnd} only, and {upTo} is asked for"));
        }
    }

    private async Task<EventPosition> EndOfAsync(StoreNode node, CancellationToken cancellationToken)
    {
        var last = await ReadFewAsync(node, _requests.Backwards(1), cancellationToken);
        var end = last.Count > 0 ? last[0].Position : EventPosition.BeforeFirst;
        node.Holds(end);
        return end;
    }

    private async Task<List<RecordedEvent>> ReadFewAsync(StoreNode node, byte[] request, CancellationToken cancellationToken)
    {
        await using var call = await StartAsync(node, request, _connection.Settings.DefaultDeadline, cancellationToken);
        return await GuardAsync(node, new ValueTask<List<RecordedEvent>>(ReadEventsAsync(call)));
    }

    private async Task<List<RecordedEvent>> ReadEventsAsync(GrpcCall call) => _answers.ReadAll(await call.ReadAllAsync());

    private async Task<GrpcCall> StartAsync(StoreNode node, byte[] request, TimeSpan? deadline, CancellationToken cancellationToken) =>
        await GuardAsync(
            node,
            new ValueTask<GrpcCall>(GrpcCall.StartAsync(node.Channel, ReadRequests.Method, request, node.RequiresLeader, deadline, cancellationToken)));

    private async ValueTask<T> GuardAsync<T>(StoreNode node, ValueTask<T> call)
    {
        try
        {
            return await call;
        }
        catch (GrpcFailed failed)
        {
            throw Left(node, StoreErrors.Translate(failed, $"{What} from {node}", _connection.Settings.DefaultDeadline));
        }
    }

    private EventStoreDbException Left(StoreNode node, EventStoreDbException reason)
    {
        _connection.Leave(node, reason);
        return reason;
    }

    private string What => $"Reading {_target}";
}
