using System.Text;
using System.Text.Json;

namespace Projections.EventStoreDb.TestServer.Log;

/// <summary>
/// The log of a store, in memory. It has what a reader can notice of a real one: positions that are far apart, streams with
/// truncation, deletion and tombstones, links, the system's own events, and scavenging.
/// </summary>
public sealed class TestLog
{
    private const long FirstPosition = 1_000;
    private const int OverheadPerRecord = 120;
    private const long ChunkSize = 256L << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TestStream> _streams = new(StringComparer.Ordinal);
    private TestRecord[] _records = new TestRecord[1024];
    private int _count;
    private long _nextPosition = FirstPosition;
    private long _scavengedBefore;
    private TaskCompletionSource _grown = NewSignal();

    /// <summary>Whether each event of a stream with a category gets a link in <c>$ce-category</c>, as the projection $by_category does.</summary>
    public bool WritesCategories { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public int Count => Volatile.Read(ref _count);

    public TestRecord this[int index] => Volatile.Read(ref _records)[index];

    /// <summary>Completes when there are more than <paramref name="count"/> records.</summary>
    public Task MoreThanAsync(int count)
    {
        lock (_lock)
        {
            return _count > count ? Task.CompletedTask : _grown.Task;
        }
    }

    /// <summary>The index of the first record at or after a position.</summary>
    public int IndexOf(long position)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = this[middle].Position < position ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Whether a read may begin at a position: at a record, at the end, and anywhere in what has been scavenged.</summary>
    public bool IsPlace(long position)
    {
        var index = IndexOf(position);
        return position == 0 || position < _scavengedBefore || index == Count || this[index].Position == position;
    }

    /// <summary>Appends to a stream whatever its state; returns the last event.</summary>
    public TestRecord Append(string stream, params IReadOnlyList<TestEvent> events) => TryAppend(stream, -2, events).Last!;

    /// <summary>
    /// Appends if the stream is at the expected revision (-1 no stream, -2 any, -4 exists). Gives the stream's revision before, -1 for
    /// none, and the last event, or none where it was refused.
    /// </summary>
    public (long Revision, TestRecord? Last, bool IsDeleted) TryAppend(string stream, long expected, IReadOnlyList<TestEvent> events)
    {
        TaskCompletionSource grown;
        TestRecord? last = null;
        long revision;
        lock (_lock)
        {
            var target = StreamOf(stream);
            revision = target.Exists ? target.LastRevision : -1;
            var isExpected = expected == -2 || (expected == -4 ? target.Exists : expected == revision);
            if (!isExpected || target.IsDeleted)
            {
                return (revision, null, target.IsDeleted);
            }

            if (target.TruncateBefore == long.MaxValue)
            {
                target.TruncateBefore = target.Records.Count;
            }

            var added = _count;
            foreach (var one in events)
            {
                last = Add(stream, target, one);
            }

            // As the projection does it: after the whole append.
            for (var index = added; index < added + events.Count; index++)
            {
                Link(_records[index]);
            }

            (grown, _grown) = (_grown, NewSignal());
        }

        grown.TrySetResult();
        return (revision, last, false);
    }

    /// <summary>Deletes a stream, such that it can come back or for good. Gives the position, or none where there is no such stream.</summary>
    public long? Delete(string stream, bool forGood)
    {
        lock (_lock)
        {
            if (!StreamOf(stream).Exists)
            {
                return null;
            }
        }

        var record = forGood
            ? Append(stream, new TestEvent("$streamDeleted", []))
            : Append("$$" + stream, TestEvent.Json("$metadata", $$"""{"$tb": {{long.MaxValue}}}"""));
        if (forGood)
        {
            lock (_lock)
            {
                StreamOf(stream).IsDeleted = true;
            }
        }

        return record.Position;
    }

    /// <summary>Closes the chunk, and removes what no stream shows any more, but of each stream without a tombstone the last event.</summary>
    public void Scavenge()
    {
        lock (_lock)
        {
            for (var index = 0; index < _count; index++)
            {
                var record = _records[index];
                record.IsGone |= StreamOf(record.Stream).LosesInScavenge(record, Now);
            }

            _nextPosition = ((_nextPosition / ChunkSize) + 1) * ChunkSize;
            _scavengedBefore = _nextPosition;
        }
    }

    /// <summary>Takes the log back to an earlier point, as restoring a backup does.</summary>
    public void Restore(int count)
    {
        lock (_lock)
        {
            for (var index = count; index < _count; index++)
            {
                StreamOf(_records[index].Stream).Records.Remove(_records[index]);
            }

            _count = count;
            _scavengedBefore = 0;
            _nextPosition = count == 0 ? FirstPosition : _records[count - 1].Position + OverheadPerRecord;
        }
    }

    /// <summary>The events of a stream that can be read.</summary>
    internal (bool Exists, bool IsDeleted, IReadOnlyList<TestRecord> Records) Read(string stream)
    {
        lock (_lock)
        {
            if (!_streams.TryGetValue(stream, out var found))
            {
                return (false, false, []);
            }

            var visible = found.Records.Where(record => !found.Hides(record, Now) && !record.IsGone).ToList();
            return (found.Exists, found.IsDeleted, visible);
        }
    }

    /// <summary>What a link points to, or <c>null</c> when it is gone.</summary>
    internal TestRecord? Resolve((long Revision, string Stream) link)
    {
        lock (_lock)
        {
            return _streams.TryGetValue(link.Stream, out var stream) && link.Revision < stream.Records.Count
                && stream.Records[(int)link.Revision] is { IsGone: false } record && !stream.Hides(record, Now)
                    ? record
                    : null;
        }
    }

    private DateTime Now => Time.GetUtcNow().UtcDateTime;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestStream StreamOf(string name)
    {
        if (!_streams.TryGetValue(name, out var stream))
        {
            stream = new TestStream();
            _streams.Add(name, stream);
        }

        return stream;
    }

    private TestRecord Add(string stream, TestStream target, TestEvent content)
    {
        var record = new TestRecord(_nextPosition, stream, target.Records.Count, content, Now);
        _nextPosition += OverheadPerRecord + stream.Length + content.Data.Length + content.Metadata.Length;
        target.Records.Add(record);
        if (_count == _records.Length)
        {
            var larger = new TestRecord[_records.Length * 2];
            _records.CopyTo(larger, 0);
            Volatile.Write(ref _records, larger);
        }

        _records[_count] = record;
        Volatile.Write(ref _count, _count + 1);
        if (stream.StartsWith("$$", StringComparison.Ordinal) && content.Type == "$metadata")
        {
            Apply(StreamOf(stream[2..]), content.Data);
        }

        return record;
    }

    private void Link(TestRecord record)
    {
        var dash = record.Stream.IndexOf('-', StringComparison.Ordinal);
        if (WritesCategories && dash > 0 && record.Stream[0] != '$')
        {
            var name = $"$ce-{record.Stream[..dash]}";
            Add(name, StreamOf(name), new TestEvent("$>", Encoding.UTF8.GetBytes($"{record.Revision}@{record.Stream}")) { ContentType = "application/octet-stream" });
        }
    }

    private static void Apply(TestStream stream, byte[] metadata)
    {
        using var json = JsonDocument.Parse(metadata);
        stream.TruncateBefore = json.RootElement.TryGetProperty("$tb", out var before) ? before.GetInt64() : 0;
        stream.MaxCount = json.RootElement.TryGetProperty("$maxCount", out var most) ? most.GetInt64() : null;
        stream.MaxAge = json.RootElement.TryGetProperty("$maxAge", out var age) ? TimeSpan.FromSeconds(age.GetInt64()) : null;
    }
}
