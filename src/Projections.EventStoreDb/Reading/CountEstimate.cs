using Projections.Events;
using Projections.EventStoreDb.Errors;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Estimates how many wanted events lie after a position. Positions are bytes of the log, so the count follows from how far apart
/// events lie; that, and how many of them are wanted, is taken from a few. What is few is counted.
/// </summary>
/// <remarks>
/// A log is kept in chunks of 256 MiB. When one is closed before it is full, as every scavenge does, positions jump to where the next begins; and what a
/// scavenge removes leaves its positions empty. So events are looked at where each chunk begins and ends, or each of some.
/// </remarks>
internal sealed class CountEstimate(IEventLog log, EventSelection selection)
{
    private const int Sample = 500;
    private const long ChunkSize = 256L << 20;
    private const int MostChunks = 8;

    public async Task<EventCount> RunAsync(EventPosition after, CancellationToken cancellationToken)
    {
        var first = await log.ReadFirstAsync(after, Sample, cancellationToken);
        if (first.Count < Sample)
        {
            return Wanted(first);
        }

        var last = await log.ReadLastAsync(Sample, cancellationToken);
        var (beginsAt, endsAt) = (first[^1].Position, last[^1].Position);
        if (endsAt <= beginsAt)
        {
            return Wanted(first) + Wanted(last.Where(found => found.Position > beginsAt));
        }

        var between = await FindInChunksAsync(beginsAt, endsAt, last, cancellationToken) ?? Share([.. first, .. last], Span(first) + Span(last), beginsAt.Major, endsAt.Major);
        return new EventCount(Wanted(first) + Wanted(last) + (long)between, IsAbout: true);
    }

    /// <returns>About how many wanted events lie between two positions; <c>null</c> where no chunk ends between them, or the log does not tell.</returns>
    private async Task<double?> FindInChunksAsync(
        EventPosition beginsAt, EventPosition endsAt, IReadOnlyList<RecordedEvent> last, CancellationToken cancellationToken)
    {
        var (firstEnd, lastEnd) = ((beginsAt.Major / ChunkSize) + 1, (endsAt.Major - 1) / ChunkSize);
        if (lastEnd < firstEnd)
        {
            return null;
        }

        var chunks = lastEnd - firstEnd + 1;
        var looked = (int)Math.Min(chunks, MostChunks);
        var found = 0.0;
        for (var i = 0; i < looked; i++)
        {
            var end = firstEnd + (i * chunks / looked);
            if (await FindInChunkAsync(EventPosition.Max(beginsAt, PlaceAt((end - 1) * ChunkSize)), PlaceAt(end * ChunkSize), cancellationToken) is not { } inChunk)
            {
                return null;
            }

            found += inChunk;
        }

        return (found * chunks / looked) + Share(last, Span(last), lastEnd * ChunkSize, endsAt.Major);
    }

    // The last events before the end of a chunk tell where what is in it ends, too. The beginning of a chunk is always a place to read from.
    private async Task<double?> FindInChunkAsync(EventPosition begins, EventPosition ends, CancellationToken cancellationToken)
    {
        try
        {
            if (await log.ReadBeforeAsync(ends, Sample, cancellationToken) is not { } before)
            {
                return null;
            }

            var last = before.Where(found => found.Position > begins).ToList();
            if (last.Count < Sample)
            {
                return Wanted(last);
            }

            var (first, upTo) = (await log.ReadFirstAsync(begins, Sample, cancellationToken), last[^1].Position.Major);
            return Wanted(last) + ((Share(first, Span(first), begins.Major, upTo) + Share(last, Span(last), begins.Major, upTo)) / 2);
        }
        catch (InvalidPosition)
        {
            // A server whose chunks have another size.
            return null;
        }
    }

    private static EventPosition PlaceAt(long position) => new(position, position);

    private double Share(IReadOnlyList<RecordedEvent> sample, double span, long from, long upTo) =>
        Math.Max(0, upTo - from) * (Wanted(sample) / Math.Max(1.0, span));

    // Without the jump from one chunk to the next.
    private static double Span(IReadOnlyList<RecordedEvent> sample)
    {
        var span = 0.0;
        for (var i = 1; i < sample.Count; i++)
        {
            var (one, other) = (sample[i - 1].Position.Major, sample[i].Position.Major);
            span += one / ChunkSize == other / ChunkSize ? Math.Abs(one - other) : 0;
        }

        return span;
    }

    private long Wanted(IEnumerable<RecordedEvent> events) => events.Count(found => selection.MayWant(found.Type, found.Stream));
}
