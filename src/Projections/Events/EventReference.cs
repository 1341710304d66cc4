namespace Projections.Events;

/// <summary>Which event is meant, as whoever appended it knows it.</summary>
public abstract record EventReference
{
    private EventReference()
    {
    }

    /// <summary>By its place in the source's global order.</summary>
    public sealed record AtPosition(EventPosition Position) : EventReference
    {
        public override string ToString() => $"position {Position}";
    }

    /// <summary>By its place in its stream.</summary>
    /// <param name="Stream">The stream.</param>
    /// <param name="Version">The place, as the store counts (Marten from 1, message-db and EventStoreDB from 0).</param>
    /// <param name="Tenant">The tenant, where a stream's name is unique only within one.</param>
    public sealed record InStream(StreamId Stream, long Version, string? Tenant = null) : EventReference
    {
        public override string ToString() => $"version {Version} of stream '{Stream}'{(Tenant is null ? "" : $" of tenant '{Tenant}'")}";
    }

    /// <summary>By its id, in stores that find events by it.</summary>
    public sealed record WithId(Guid Id) : EventReference
    {
        public override string ToString() => $"id {Id}";
    }
}
