using Projections.Events;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Looks for streams whose first events a scavenge has removed from the whole log, or would remove: what the server hides of a stream is in the log until
/// then, and a version must not depend on when that is. Those can only be streams that have metadata ($tb, $maxCount, $maxAge, which a soft deletion sets, too)
/// or a tombstone. Where there are any, all of the log that the filter's category has is read once, and the server asked for the first event that it shows of each.
/// </summary>
/// <param name="source">The whole log.</param>
/// <param name="findFirstRevision">Asks for the revision of the first event that an event's stream shows; <c>null</c> when it shows none.</param>
internal sealed class BeginningSearch(IEventSource source, Func<RecordedEvent, CancellationToken, Task<long?>> findFirstRevision)
{
    private const int AskedAtOnce = 8;
    private const string MetadataOf = "$$";
    private const string Tombstone = "$streamDeleted";

    public async Task<LostBeginnings> RunAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        var end = (await source.GetSafeHeadAsync(cancellationToken)).Position;
        var streams = new BeginningTally(filter);
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, end, EventFilter.OfTypes("$metadata", Tombstone), cancellationToken))
        {
            using (batch)
            {
                foreach (ref readonly var one in batch.Events)
                {
                    Suspect(streams, one, filter.Category);
                }
            }
        }

        if (streams.IsEmpty)
        {
            return LostBeginnings.None;
        }

        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, end, filter with { Types = null }, cancellationToken))
        {
            using (batch)
            {
                foreach (ref readonly var one in batch.Events)
                {
                    streams.Note(one);
                }
            }
        }

        await HideAsync(streams, cancellationToken);
        return streams.Report();
    }

    private async Task HideAsync(BeginningTally streams, CancellationToken cancellationToken)
    {
        var all = new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(streams.FindWhole(), all, async (one, stop) =>
        {
            var shown = await findFirstRevision(one, stop);
            lock (streams)
            {
                streams.Hide(one.Stream, shown);
            }
        });
    }

    private static void Suspect(BeginningTally streams, in RecordedEvent one, string? category)
    {
        // The metadata of a stream that is given as a UUID come under the same.
        var stream = one.Stream.IsGuid || one.Type == Tombstone ? one.Stream : new StreamId(one.Stream.Text[MetadataOf.Length..]);
        if (stream.IsGuid || (!stream.Text.StartsWith('$') && (category is null || StreamCategory.Matches(stream, category))))
        {
            streams.Suspect(stream, isBuried: one.Type == Tombstone);
        }
    }
}
