using System.Runtime.CompilerServices;
using EventStore.Client;
using Projections.Events;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.OfficialClient;

/// <summary>Calls of the client to read and subscribe. What they fail with is said in the words of <see cref="Errors"/>.</summary>
internal sealed class ClientReads(EventStoreClient client, LogTarget target, EventNaming naming)
{
    /// <summary>How long a call with a short answer may take.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private string What => $"Reading {target}";

    /// <summary>Reads forwards, from the event at a position or the next one there is.</summary>
    public async IAsyncEnumerable<Message> ReadAsync(EventPosition from, EventSelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var message in GuardAsync(Call(Direction.Forwards, from, selection, long.MaxValue, null, cancellationToken), from, cancellationToken))
        {
            yield return ToMessage(message, selection);
        }
    }

    /// <summary>Reads a few events, of all types.</summary>
    /// <param name="direction">Forwards, with the one at the position; or backwards, without it.</param>
    /// <param name="from">The position; <c>null</c> for the end.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<List<RecordedEvent>> ReadFewAsync(Direction direction, EventPosition? from, int count, CancellationToken cancellationToken)
    {
        var events = new List<RecordedEvent>();
        await foreach (var message in GuardAsync(Call(direction, from, EventSelection.Everything, count, Deadline, cancellationToken), from, cancellationToken))
        {
            if (ToMessage(message, EventSelection.Everything).Event is { } found)
            {
                events.Add(found);
            }
        }

        return events;
    }

    /// <summary>The last event's position.</summary>
    public async Task<EventPosition> FindEndAsync(CancellationToken cancellationToken) =>
        await ReadFewAsync(Direction.Backwards, null, 1, cancellationToken) is [var last, ..] ? last.Position : EventPosition.BeforeFirst;

    /// <summary>The event at a position; <c>null</c> when it is gone.</summary>
    public async Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken) =>
        await ReadFewAsync(Direction.Forwards, position, 1, cancellationToken) is [var found, ..] && found.Position == position ? found : null;

    /// <summary>Subscribes to what lies after a position.</summary>
    /// <remarks>
    /// Servers before 24.2 begin by reading one event at the position that they are given, and go on behind it; where the record there has been scavenged, that
    /// is the first that should come. So it begins at an event before the position, and counts only if that is still there after it has begun.
    /// </remarks>
    public async IAsyncEnumerable<Message> SubscribeAsync(
        EventPosition after, EventSelection asked, EventSelection wanted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = target.Stream is null ? await FindBeforeAsync(after, cancellationToken) : after;
        await using var subscription = Subscribe(from, asked, cancellationToken);
        await foreach (var message in GuardAsync(subscription.Messages, from, cancellationToken))
        {
            if (message is StreamMessage.SubscriptionConfirmation && target.Stream is null && from != EventPosition.BeforeFirst
                && await FindAsync(from, cancellationToken) is null)
            {
                throw new ServerUnavailable(What, $"the event at {from}, at which a subscription began, has been scavenged meanwhile");
            }

            yield return ToMessage(message, wanted);
        }
    }

    private async Task<EventPosition> FindBeforeAsync(EventPosition position, CancellationToken cancellationToken) =>
        position != EventPosition.BeforeFirst && await ReadFewAsync(Direction.Backwards, position, 1, cancellationToken) is [var found, ..]
            ? found.Position
            : EventPosition.BeforeFirst;

    private IAsyncEnumerable<StreamMessage> Call(
        Direction direction, EventPosition? from, EventSelection selection, long count, TimeSpan? deadline, CancellationToken cancellationToken) => target.Stream is { } stream
        ? client.ReadStreamAsync(direction, stream, ClientTerms.Revision(from), count, resolveLinkTos: true, deadline, cancellationToken: cancellationToken).Messages
        : client.ReadAllAsync(direction, ClientTerms.Position(from), ClientTerms.Filter(selection), count, deadline: deadline, cancellationToken: cancellationToken).Messages;

    private EventStoreClient.StreamSubscriptionResult Subscribe(EventPosition from, EventSelection selection, CancellationToken cancellationToken)
    {
        if (target.Stream is { } stream)
        {
            var start = from == EventPosition.BeforeFirst ? FromStream.Start : FromStream.After(ClientTerms.Revision(from));
            return client.SubscribeToStream(stream, start, resolveLinkTos: true, cancellationToken: cancellationToken);
        }

        return client.SubscribeToAll(
            from == EventPosition.BeforeFirst ? FromAll.Start : FromAll.After(ClientTerms.Position(from)),
            filterOptions: ClientTerms.Filter(selection) is { } filter ? new SubscriptionFilterOptions(filter, EventSelection.WindowsPerCheckpoint) : null,
            cancellationToken: cancellationToken);
    }

    private Message ToMessage(StreamMessage message, EventSelection wanted) => message switch
    {
        StreamMessage.Event(var found) => new Message(PositionOf(found), Wanted(found, wanted), BytesOf(found)),
        StreamMessage.AllStreamCheckpointReached(var reached) => new Message(ClientTerms.Position(reached)),
        StreamMessage.CaughtUp => new Message(EventPosition.BeforeFirst, IsCaughtUp: true),
        _ => new Message(EventPosition.BeforeFirst),
    };

    // The place is the link's; the event is what it points to, which may be gone.
    private EventPosition PositionOf(in ResolvedEvent found) => target.Stream is null
        ? ClientTerms.Position(found.OriginalEvent.Position)
        : new EventPosition(found.OriginalEvent.EventNumber.ToInt64());

    // As much as the fields around the bodies take, about.
    private static int BytesOf(in ResolvedEvent found) => 200 + found.OriginalEvent.Data.Length + found.OriginalEvent.Metadata.Length;

    private RecordedEvent? Wanted(in ResolvedEvent found, EventSelection wanted)
    {
        if (found.Event is not { } record || !wanted.Wants(record.EventType, ClientTerms.Utf8(record.EventStreamId)))
        {
            return null;
        }

        return naming.Give(
            PositionOf(found),
            ClientTerms.Utf8(record.EventStreamId),
            record.EventNumber.ToInt64(),
            record.EventType,
            record.Data,
            record.Metadata,
            record.Created);
    }

    private async IAsyncEnumerable<StreamMessage> GuardAsync(
        IAsyncEnumerable<StreamMessage> answer, EventPosition? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var messages = answer.GetAsyncEnumerator(cancellationToken);
        while (await GuardAsync(messages, from, cancellationToken))
        {
            yield return messages.Current;
        }
    }

    private async Task<bool> GuardAsync(IAsyncEnumerator<StreamMessage> messages, EventPosition? from, CancellationToken cancellationToken)
    {
        try
        {
            return await messages.MoveNextAsync();
        }
        catch (Exception exception) when (ClientErrors.Of(exception) is { } failed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw from is { } position && await IsNoPlaceAsync(position, failed, cancellationToken)
                ? new InvalidPosition(What, exception)
                : ClientErrors.Translate(failed, What);
        }
    }

    // Of a position that is none of theirs, servers before 24.2 say what they say of any error of their own. It is the position when the end
    // of the log can be read, and the position cannot even when it is asked for again.
    private async Task<bool> IsNoPlaceAsync(EventPosition position, GrpcFailed failed, CancellationToken cancellationToken) =>
        target.Stream is null && failed.Status == GrpcStatusCode.Unknown && position != EventPosition.BeforeFirst
        && await FailureOfAsync(Direction.Backwards, null, cancellationToken) is null
        && await FailureOfAsync(Direction.Forwards, position, cancellationToken) is { Status: GrpcStatusCode.Unknown };

    private async Task<GrpcFailed?> FailureOfAsync(Direction direction, EventPosition? from, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in Call(direction, from, EventSelection.Everything, 1, Deadline, cancellationToken))
            {
            }

            return null;
        }
        catch (Exception exception) when (ClientErrors.Of(exception) is { } failed)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return failed;
        }
    }
}
