using System.Buffers.Text;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Reading;

/// <summary>Where the parts of a recorded event (RecordedEvent in streams.proto) lie in a buffer.</summary>
internal struct RecordParts
{
    // The tags of streams.proto: the field's number shifted by three, and the kind (0 varint, 2 length-delimited).
    private const uint StreamIdentifierTag = (2 << 3) | 2;
    private const uint RevisionTag = 3 << 3;
    private const uint PrepareTag = 4 << 3;
    private const uint CommitTag = 5 << 3;
    private const uint SystemMetadataTag = (6 << 3) | 2;
    private const uint CustomMetadataTag = (7 << 3) | 2;
    private const uint DataTag = (8 << 3) | 2;
    private const uint StreamNameTag = (3 << 3) | 2;
    private const uint KeyTag = (1 << 3) | 2;
    private const uint ValueTag = (2 << 3) | 2;

    public bool IsThere { get; private set; }

    public Part Stream { get; private set; }

    public Part Type { get; private set; }

    public Part Data { get; private set; }

    public Part Metadata { get; private set; }

    public long Revision { get; private set; }

    public long Commit { get; private set; }

    public long Prepare { get; private set; }

    /// <summary>When the event was stored, in ticks of 100 ns since 1970.</summary>
    public long Created { get; private set; }

    public static RecordParts Read(byte[] buffer, Part message)
    {
        var parts = new RecordParts { IsThere = true };
        var reader = new ProtoReader(buffer, message);
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case StreamIdentifierTag:
                    parts.Stream = ReadStreamName(buffer, reader.ReadPart());
                    break;
                case RevisionTag:
                    parts.Revision = reader.ReadNumber();
                    break;
                case PrepareTag:
                    parts.Prepare = reader.ReadNumber();
                    break;
                case CommitTag:
                    parts.Commit = reader.ReadNumber();
                    break;
                case SystemMetadataTag:
                    parts.ReadEntry(buffer, reader.ReadPart());
                    break;
                case CustomMetadataTag:
                    parts.Metadata = reader.ReadPart();
                    break;
                case DataTag:
                    parts.Data = reader.ReadPart();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return parts;
    }

    private static Part ReadStreamName(byte[] buffer, Part message)
    {
        var reader = new ProtoReader(buffer, message);
        Part name = default;
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            if (tag == StreamNameTag)
            {
                name = reader.ReadPart();
            }
            else
            {
                reader.Skip(tag);
            }
        }

        return name;
    }

    // An entry of a protobuf map is a message with the key in field 1 and the value in field 2.
    private void ReadEntry(byte[] buffer, Part message)
    {
        var reader = new ProtoReader(buffer, message);
        Part key = default, value = default;
        uint tag;
        while ((tag = reader.ReadTag()) != 0)
        {
            switch (tag)
            {
                case KeyTag:
                    key = reader.ReadPart();
                    break;
                case ValueTag:
                    value = reader.ReadPart();
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        var name = key.In(buffer);
        if (name.SequenceEqual("type"u8))
        {
            Type = value;
        }
        else if (name.SequenceEqual("created"u8))
        {
            Created = Utf8Parser.TryParse(value.In(buffer), out long ticks, out var used) && used == value.Length
                ? ticks
                : throw new GrpcFailed(GrpcStatusCode.Internal, "an event's time of creation is not a number");
        }
    }
}
