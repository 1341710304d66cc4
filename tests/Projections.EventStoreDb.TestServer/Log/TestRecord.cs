using System.Buffers.Binary;
using Google.Protobuf;
using Projections.EventStoreDb.Grpc;
using Projections.EventStoreDb.Protocol;

namespace Projections.EventStoreDb.TestServer.Log;

/// <summary>An event in the log. Its answer to a read is encoded once, so that the server is quicker than any reader.</summary>
public sealed class TestRecord(long position, string stream, long revision, TestEvent content, DateTime created)
{
    private byte[]? _withStructuredId;
    private byte[]? _withTextId;

    public long Position { get; } = position;

    public string Stream { get; } = stream;

    public long Revision { get; } = revision;

    public string Type => Content.Type;

    public TestEvent Content { get; } = content;

    public DateTime Created { get; } = created;

    /// <summary>Whether a scavenge has removed it.</summary>
    public bool IsGone { get; set; }

    /// <summary>What a link points to: revision and stream; <c>null</c> for an event that is no link.</summary>
    public (long Revision, string Stream)? LinksTo { get; } = LinkOf(content);

    /// <summary>The answer to a read that gives this event, in its frame.</summary>
    public byte[] Frame(bool withTextId) => withTextId
        ? _withTextId ??= GrpcFrame.Write(new ReadResp { Event = ToEvent(this, null, withTextId: true) })
        : _withStructuredId ??= GrpcFrame.Write(new ReadResp { Event = ToEvent(this, null, withTextId: false) });

    /// <summary>The answer that gives what a link points to; <paramref name="target"/> is <c>null</c> when that is gone.</summary>
    public static byte[] ResolvedFrame(TestRecord link, TestRecord? target, bool withTextId) =>
        GrpcFrame.Write(new ReadResp { Event = ToEvent(target, link, withTextId) });

    private static ReadResp.Types.ReadEvent ToEvent(TestRecord? record, TestRecord? link, bool withTextId)
    {
        var read = new ReadResp.Types.ReadEvent { CommitPosition = (ulong)(link ?? record)!.Position };
        if (record is not null)
        {
            read.Event = record.ToRecorded(withTextId);
        }

        if (link is not null)
        {
            read.Link = link.ToRecorded(withTextId);
        }

        return read;
    }

    private static (long Revision, string Stream)? LinkOf(TestEvent content)
    {
        if (content.Type != "$>")
        {
            return null;
        }

        var parts = System.Text.Encoding.UTF8.GetString(content.Data).Split('@', 2);
        return (long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts[1]);
    }

    private ReadResp.Types.RecordedEvent ToRecorded(bool withTextId) => new()
    {
        Id = ToUuid(withTextId),
        StreamIdentifier = new StreamIdentifier { StreamName = ByteString.CopyFromUtf8(Stream) },
        StreamRevision = (ulong)Revision,
        CommitPosition = (ulong)Position,
        PreparePosition = (ulong)Position,
        Data = ByteString.CopyFrom(Content.Data),
        CustomMetadata = ByteString.CopyFrom(Content.Metadata),
        Metadata =
        {
            ["type"] = Type,
            ["created"] = (Created - DateTime.UnixEpoch).Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["content-type"] = Content.ContentType,
        },
    };

    private UUID ToUuid(bool asText)
    {
        if (asText)
        {
            return new UUID { String = Content.Id.ToString() };
        }

        Span<byte> bytes = stackalloc byte[16];
        Content.Id.TryWriteBytes(bytes, bigEndian: true, out _);
        return new UUID
        {
            Structured = new UUID.Types.Structured
            {
                MostSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes),
                LeastSignificantBits = BinaryPrimitives.ReadInt64BigEndian(bytes[8..]),
            },
        };
    }
}
