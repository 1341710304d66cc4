namespace Projections.EventStoreDb.TestServer.Log;

/// <summary>A stream of the log: its events in the order of their revisions, and what of them can be read.</summary>
internal sealed class TestStream
{
    public List<TestRecord> Records { get; } = [];

    /// <summary>Has a tombstone.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Events before this revision cannot be read; at <see cref="long.MaxValue"/> the stream does not exist until it is written to again.</summary>
    public long TruncateBefore { get; set; }

    public long? MaxCount { get; set; }

    /// <summary>How long an event can be read.</summary>
    public TimeSpan? MaxAge { get; set; }

    public long LastRevision => Records.Count - 1;

    public bool Exists => Records.Count > 0 && TruncateBefore <= LastRevision;

    /// <summary>The first revision that can be read.</summary>
    public long First => Math.Max(TruncateBefore, MaxCount is { } most ? Records.Count - most : 0);

    public bool Hides(TestRecord record, DateTime now) =>
        record.Revision < First || record.Created < now - MaxAge || (IsDeleted && record.Type != "$streamDeleted");

    /// <summary>Whether a scavenge removes an event. By the last one of a stream the server knows what its next revision is.</summary>
    public bool LosesInScavenge(TestRecord record, DateTime now) => Hides(record, now) && (IsDeleted || record.Revision < LastRevision);
}
