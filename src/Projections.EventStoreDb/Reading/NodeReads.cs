using Projections.Events;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Reading;

/// <summary>Calls of the method Read to one node. What they fail with is said in the store's words, and the node is let go of.</summary>
internal sealed class NodeReads(StoreConnection connection, LogTarget target, ReadRequests requests, ReadAnswers answers)
{
    private string What => $"Reading {target}";

    /// <summary>Starts a call with a long answer.</summary>
    /// <param name="node">The node to call.</param>
    /// <param name="request">What is asked, in its frame.</param>
    /// <param name="from">The position that the request begins at.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<GrpcCall> StartAsync(StoreNode node, byte[] request, EventPosition from, CancellationToken cancellationToken) =>
        GuardAsync(
            node,
            new ValueTask<GrpcCall>(GrpcCall.StartAsync(node.Channel, ReadRequests.Method, request, node.RequiresLeader, null, cancellationToken)),
            from,
            cancellationToken).AsTask();

    /// <summary>Makes a call with a short answer.</summary>
    public async Task<List<RecordedEvent>> ReadFewAsync(StoreNode node, byte[] request, EventPosition? from, CancellationToken cancellationToken) =>
        await GuardAsync(node, new ValueTask<List<RecordedEvent>>(ReadFewAsync(node, request, cancellationToken)), from, cancellationToken);

    /// <summary>The event at a position; <c>null</c> when it is gone.</summary>
    public async Task<RecordedEvent?> FindAsync(StoreNode node, EventPosition position, CancellationToken cancellationToken) =>
        // Reading begins with the event at the position itself.
        await ReadFewAsync(node, requests.Forwards(position, EventSelection.Everything, 1), position, cancellationToken) is [var found, ..]
        && found.Position == position
            ? found
            : null;

    /// <summary>The first event that there is; <c>null</c> when there is none.</summary>
    public async Task<RecordedEvent?> FindFirstAsync(StoreNode node, CancellationToken cancellationToken) =>
        await ReadFewAsync(node, requests.Forwards(EventPosition.BeforeFirst, EventSelection.Everything, 1), null, cancellationToken) is [var first, ..] ? first : null;

    /// <summary>Where the last event before a position lies; <see cref="EventPosition.BeforeFirst"/> when there is none.</summary>
    public async Task<EventPosition> FindBeforeAsync(StoreNode node, EventPosition position, CancellationToken cancellationToken) =>
        position != EventPosition.BeforeFirst
        && await ReadFewAsync(node, requests.Before(position, 1), position, cancellationToken) is [var found, ..]
            ? found.Position
            : EventPosition.BeforeFirst;

    /// <summary>Waits for a part of an answer.</summary>
    public async ValueTask<T> GuardAsync<T>(StoreNode node, ValueTask<T> part, EventPosition? from, CancellationToken cancellationToken)
    {
        try
        {
            return await part;
        }
        catch (GrpcFailed failed)
        {
            throw Left(node, from is { } position && await IsNoPlaceAsync(node, position, failed, cancellationToken)
                ? new InvalidPosition(What, failed)
                : StoreErrors.Translate(failed, $"{What} from {node}", connection.Settings.DefaultDeadline));
        }
    }

    /// <summary>Lets go of a node that cannot answer now.</summary>
    public EventStoreDbException Unavailable(StoreNode node, string reason) => Left(node, new ServerUnavailable(What, reason));

    // Of a position that is none of theirs, servers before 24.2 say what they say of any error of their own. It is the position when the end
    // of the log can be read, and the position cannot even when it is asked for again.
    private async Task<bool> IsNoPlaceAsync(StoreNode node, EventPosition position, GrpcFailed failed, CancellationToken cancellationToken) =>
        target.IsAll && failed.Status == GrpcStatusCode.Unknown && position != EventPosition.BeforeFirst
        && await FailureOfAsync(node, requests.Backwards(1), cancellationToken) is null
        && await FailureOfAsync(node, requests.Forwards(position, EventSelection.Everything, 1), cancellationToken) is { Status: GrpcStatusCode.Unknown };

    private async Task<GrpcFailed?> FailureOfAsync(StoreNode node, byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            await ReadFewAsync(node, request, cancellationToken);
            return null;
        }
        catch (GrpcFailed failed)
        {
            return failed;
        }
    }

    private async Task<List<RecordedEvent>> ReadFewAsync(StoreNode node, byte[] request, CancellationToken cancellationToken)
    {
        await using var call = await GrpcCall.StartAsync(
            node.Channel, ReadRequests.Method, request, node.RequiresLeader, connection.Settings.DefaultDeadline, cancellationToken);
        return answers.ReadAll(await call.ReadAllAsync());
    }

    private EventStoreDbException Left(StoreNode node, EventStoreDbException reason)
    {
        connection.Leave(node, reason);
        return reason;
    }
}
