using Projections.Events;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Looks for streams whose first events a scavenge has removed from the whole log. Those can only be streams that have metadata ($tb, $maxCount,
/// $maxAge, which a soft deletion sets, too) or a tombstone. Where there are any, all of the log that the filter's category has is read once.
/// </summary>
internal sealed class BeginningSearch(IEventSource source)
{
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

        return streams.Report();
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
