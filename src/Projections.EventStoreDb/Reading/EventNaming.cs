using System.Buffers.Text;
using System.Text.Json;
using Projections.Events;
using Projections.Events.Reading;

namespace Projections.EventStoreDb.Reading;

/// <summary>How what is stored of an event is given to projections, its stream and tenant among it.</summary>
internal sealed class EventNaming(bool streamsAreUuids, string? tenantMetadata)
{
    private const int UuidLength = 36;

    // An event without a body is one whose body has no members.
    private static readonly ReadOnlyMemory<byte> NoMembers = "{}"u8.ToArray();

    private readonly RecentTexts _streams = new();

    public RecordedEvent Give(
        EventPosition position, ReadOnlySpan<byte> stream, long revision, string type, ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, DateTime time)
    {
        // Metadata may be any bytes; only an object can be asked for its members.
        var isObject = metadata.Span is [(byte)'{', ..];
        return new RecordedEvent
        {
            Position = position,
            Stream = StreamId(stream),
            StreamVersion = revision,
            Type = type,
            Data = data.IsEmpty ? NoMembers : data,
            Metadata = isObject ? metadata : default,
            Time = time,
            Tenant = isObject ? Tenant(metadata.Span) : null,
        };
    }

    // Its UUID where it is category-uuid or a UUID alone, and that is asked for.
    private StreamId StreamId(ReadOnlySpan<byte> name)
    {
        if (streamsAreUuids && name.Length >= UuidLength
            && (name.Length == UuidLength || name[^(UuidLength + 1)] == (byte)'-')
            && Utf8Parser.TryParse(name[^UuidLength..], out Guid uuid, out var used) && used == UuidLength)
        {
            return new StreamId(uuid);
        }

        return new StreamId(_streams.Get(name));
    }

    private string? Tenant(ReadOnlySpan<byte> metadata)
    {
        if (tenantMetadata is null)
        {
            return null;
        }

        try
        {
            return EventMetadata.Find(metadata, tenantMetadata);
        }
        catch (JsonException)
        {
            // It begins like an object and is none. Who asks for its members is told so; the event itself may be sound.
            return null;
        }
    }
}
