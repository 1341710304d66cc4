using Projections.Events;
using Projections.Events.Reading;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Reads the messages of an answer to a read (ReadResp in streams.proto) where they lie, without an object for each. Several
/// readers may share it.
/// </summary>
internal sealed class ReadAnswers(LogTarget target, EventNaming naming)
{
    private const uint EventTag = (1 << 3) | 2;
    private const uint LinkTag = (2 << 3) | 2;
    private const uint CheckpointTag = (3 << 3) | 2;
    private const uint CaughtUpTag = (8 << 3) | 2;

    private readonly Utf8Names _types = new();

    /// <summary>Reads one message.</summary>
    /// <param name="buffer">The bytes; the event's data and metadata are slices of it.</param>
    /// <param name="message">Where the message lies.</param>
    /// <param name="selection">Which events are wanted.</param>
    /// <param name="recorded">The event, if it is one that is wanted.</param>
    /// <param name="position">Where the event or checkpoint lies.</param>
    public ReadAnswer Read(byte[] buffer, Part message, EventSelection selection, out RecordedEvent recorded, out EventPosition position)
    {
        recorded = default;
        position = default;
        var reader = new ProtoReader(buffer, message);
        var answer = ReadAnswer.Other;
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case EventTag:
                    answer = ReadEvent(buffer, reader.ReadPart(), selection, out recorded, out position);
                    continue;
                case CheckpointTag:
                    answer = ReadAnswer.Checkpoint;
                    position = ReadPosition(buffer, reader.ReadPart());
                    continue;
                case CaughtUpTag:
                    answer = ReadAnswer.CaughtUp;
                    break;
            }

            reader.Skip(tag);
        }

        return answer;
    }

    /// <summary>Reads the events of a whole answer, of all types.</summary>
    public List<RecordedEvent> ReadAll(ArraySegment<byte> answer)
    {
        var events = new List<RecordedEvent>();
        var at = answer.Offset;
        var end = answer.Offset + answer.Count;
        while (GrpcFrame.TryRead(answer.Array.AsSpan(at, end - at), out var length))
        {
            var message = new Part(at + GrpcFrame.HeaderBytes, length);
            if (Read(answer.Array!, message, EventSelection.Everything, out var recorded, out _) == ReadAnswer.Event)
            {
                events.Add(recorded);
            }

            at = message.Start + length;
        }

        return at == end ? events : throw new GrpcFailed(GrpcStatusCode.Internal, "the answer ended in the middle of a message");
    }

    private static EventPosition ReadPosition(byte[] buffer, Part message)
    {
        var reader = new ProtoReader(buffer, message);
        long commit = 0, prepare = 0;
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3:
                    commit = reader.ReadNumber();
                    break;
                case 2 << 3:
                    prepare = reader.ReadNumber();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return new EventPosition(commit, prepare);
    }

    private ReadAnswer ReadEvent(byte[] buffer, Part message, EventSelection selection, out RecordedEvent recorded, out EventPosition position)
    {
        var reader = new ProtoReader(buffer, message);
        RecordParts record = default, link = default;
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case EventTag:
                    record = RecordParts.Read(buffer, reader.ReadPart());
                    break;
                case LinkTag:
                    link = RecordParts.Read(buffer, reader.ReadPart());
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        // The place is the link's; the event is what it points to, which may be gone.
        position = PositionOf(link.IsThere ? link : record);
        recorded = default;
        if (!record.IsThere)
        {
            return ReadAnswer.PassedOver;
        }

        var type = _types.Get(record.Type.In(buffer));
        if (!selection.Wants(type, record.Stream.In(buffer)))
        {
            return ReadAnswer.PassedOver;
        }

        recorded = naming.Give(
            position,
            record.Stream.In(buffer),
            record.Revision,
            type,
            record.Data.Slice(buffer),
            record.Metadata.Slice(buffer),
            DateTime.UnixEpoch.AddTicks(record.Created));
        return ReadAnswer.Event;
    }

    private EventPosition PositionOf(in RecordParts record) =>
        target.IsAll ? new EventPosition(record.Commit, record.Prepare) : new EventPosition(record.Revision);
}
