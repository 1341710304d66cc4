using System.Buffers.Text;
using System.Text.Json;
using Projections.Events;
using Projections.Events.Reading;

namespace Projections.EventStoreDb.Reading;

/// <summary>How streams and tenants are named in what is given to projections.</summary>
internal sealed class EventNaming(bool streamsAreUuids, string? tenantMetadata)
{
    private const int UuidLength = 36;

    private readonly RecentTexts _streams = new();

    /// <summary>The stream's name; its UUID where it is <c>category-uuid</c> or a UUID alone, and that is asked for.</summary>
    public StreamId StreamId(ReadOnlySpan<byte> name)
    {
        if (streamsAreUuids && name.Length >= UuidLength
            && (name.Length == UuidLength || name[^(UuidLength + 1)] == (byte)'-')
            && Utf8Parser.TryParse(name[^UuidLength..], out Guid uuid, out var used) && used == UuidLength)
        {
            return new StreamId(uuid);
        }

        return new StreamId(_streams.Get(name));
    }

    /// <summary>The tenant that an event's metadata names, or <c>null</c>.</summary>
    public string? Tenant(ReadOnlySpan<byte> metadata)
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
