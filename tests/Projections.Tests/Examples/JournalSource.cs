using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Projections.Events;

namespace Projections.Tests.Examples;

/// <summary>Events in a file, to which somebody appends a line of JSON for each. A position is where an event's line begins.</summary>
public sealed class JournalSource(string path) : IEventSource
{
    private const int BatchEvents = 1_000;
    private const int BatchBytes = 1 << 20;

    private long _lastSeen = -1;

    public string Identity => $"journal {Path.GetFileName(path)}";

    // A line counts once its end is there, so nothing can appear before one that counts: the last of them is the safe head.
    public async Task<SafeHead> GetSafeHeadAsync(CancellationToken cancellationToken)
    {
        var seen = Interlocked.Read(ref _lastSeen);
        // A journal that has become shorter was restored, and what was seen of it does not count.
        var last = new FileInfo(path).Length > seen ? seen : -1;
        await foreach (var (start, _) in ReadLinesAsync(Math.Max(0, last), cancellationToken))
        {
            last = start;
        }

        Interlocked.Exchange(ref _lastSeen, last);
        var head = last < 0 ? EventPosition.BeforeFirst : new EventPosition(last);
        return new SafeHead(head, Highest: head);
    }

    public async IAsyncEnumerable<EventBatch> ReadAsync(
        EventPosition after, EventPosition upTo, EventFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (events, bytes) = (new List<RecordedEvent>(), 0);
        await foreach (var (start, line) in ReadLinesAsync(Math.Max(0, after.Major), cancellationToken))
        {
            if (start > upTo.Major)
            {
                break;
            }

            if (start > after.Major && Decode(start, line) is var one && filter.Wants(one))
            {
                events.Add(one);
                bytes += one.Data.Length;
            }

            if (events.Count == BatchEvents || bytes >= BatchBytes)
            {
                yield return new EventBatch([.. events], events.Count, new EventPosition(start));
                (events, bytes) = ([], 0);
            }
        }

        yield return new EventBatch([.. events], events.Count, upTo);
    }

    // A count is quick enough here. Where it is not, a guess from some of the events is good enough.
    public async Task<EventCount> EstimateCountAsync(EventPosition after, EventFilter filter, CancellationToken cancellationToken)
    {
        var head = await GetSafeHeadAsync(cancellationToken);
        var count = 0L;
        await foreach (var batch in ReadAsync(after, head.Position, filter, cancellationToken))
        {
            count += batch.Count;
        }

        return count;
    }

    public async Task<DateTime?> GetTimeOfNextAsync(EventPosition after, CancellationToken cancellationToken)
    {
        var head = await GetSafeHeadAsync(cancellationToken);
        var next = await ReadAsync(after, head.Position, EventFilter.All, cancellationToken).FirstOrDefaultAsync(batch => batch.Count > 0, cancellationToken);
        return next?.Events[0].Time;
    }

    public async Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken)
    {
        await foreach (var (start, line) in ReadLinesAsync(position.Major, cancellationToken))
        {
            return Decode(start, line);
        }

        return null;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static RecordedEvent Decode(long start, byte[] line)
    {
        var decoded = JsonSerializer.Deserialize<Line>(line, JsonSerializerOptions.Web)!;
        return new RecordedEvent
        {
            Position = new EventPosition(start),
            Stream = new StreamId(decoded.Stream),
            StreamVersion = decoded.Version,
            Type = decoded.Type,
            Time = decoded.Time,
            Data = JsonMarshal.GetRawUtf8Value(decoded.Data).ToArray(),
        };
    }

    /// <summary>The whole lines from a place on, each with where it begins.</summary>
    private async IAsyncEnumerable<(long Start, byte[] Line)> ReadLinesAsync(long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var file = PipeReader.Create(Open(from));
        try
        {
            while (true)
            {
                var read = await file.ReadAsync(cancellationToken);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end).ToArray();
                    yield return (from, line);
                    from += line.Length + 1;
                    rest = rest.Slice(line.Length + 1);
                }

                if (read.IsCompleted)
                {
                    yield break;
                }

                file.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await file.CompleteAsync();
        }
    }

    private FileStream Open(long from)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite) { Position = from };
        }
        catch (IOException failure)
        {
            throw new EventSourceUnavailable($"The journal {path} cannot be opened: {failure.Message}", failure);
        }
    }

    private sealed record Line(string Stream, long Version, string Type, DateTime Time, JsonElement Data);
}
