using Projections.Events.Reading;

namespace Projections.EventStoreDb.Reading;

/// <summary>When a batch is full, and how long one that is not may wait for more.</summary>
internal sealed record BatchLimits(int Events, int Bytes, TimeSpan Linger)
{
    public BatchBuffer NewBuffer() => new(Bytes, Events);
}
