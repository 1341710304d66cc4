using System.Text;
using Projections.Events;

namespace Projections.Tests.Events;

/// <summary>Events as a source would hand them out.</summary>
internal static class Recorded
{
    public static readonly DateTime Start = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    public static RecordedEvent Event(long position, string type, string json, StreamId? stream = null, string? metadata = null, string? tenant = null) => new()
    {
        Position = new EventPosition(position),
        Stream = stream ?? new StreamId("test-1"),
        StreamVersion = position,
        Type = type,
        Data = Encoding.UTF8.GetBytes(json),
        Metadata = metadata is null ? default : Encoding.UTF8.GetBytes(metadata),
        Time = Start.AddSeconds(position),
        Tenant = tenant,
    };
}
