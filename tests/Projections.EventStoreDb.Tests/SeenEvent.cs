using Projections.Events;

namespace Projections.EventStoreDb.Tests;

/// <summary>What a test wants of an event, copied out of its batch.</summary>
internal sealed record SeenEvent(EventPosition Position, StreamId Stream, long Revision, string Type, string Data, string Metadata, string? Tenant, DateTime Time)
{
    public static SeenEvent Of(RecordedEvent recorded) => new(
        recorded.Position, recorded.Stream, recorded.StreamVersion, recorded.Type,
        ReadingTools.Text(recorded.Data), ReadingTools.Text(recorded.Metadata), recorded.Tenant, recorded.Time);
}
