using System.Globalization;
using System.Runtime.InteropServices;
using Projections.Events;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// Looks for streams whose first events a scavenge has removed. Those can only be streams that have metadata ($tb, $maxCount, $maxAge, which a
/// soft deletion sets, too); a stream with a tombstone has lost all, and leaves nothing to fold. Where there are any, all of the log that the
/// filter's category has is read once.
/// </summary>
internal sealed class BeginningSearch(IEventSource source)
{
    // About 10 MB.
    private const int MostStreams = 100_000;

    private const int Examples = 3;
    private const string MetadataOf = "$$";

    public async Task<LostBeginnings> RunAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        var end = (await source.GetSafeHeadAsync(cancellationToken)).Position;
        var streams = await FindWithMetadataAsync(end, cancellationToken);
        if (streams.Count == 0)
        {
            return LostBeginnings.None;
        }

        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, end, filter with { Types = null }, cancellationToken))
        {
            using (batch)
            {
                foreach (ref readonly var one in batch.Events)
                {
                    Note(streams, one, filter);
                }
            }
        }

        var lost = streams.Where(stream => stream.Value is { First: > 0, IsWanted: true }).OrderBy(stream => stream.Key.Text, StringComparer.Ordinal).ToList();
        return new LostBeginnings(
            lost.Count,
            lost.Sum(stream => stream.Value.First!.Value),
            [.. lost.Take(Examples).Select(stream => string.Create(CultureInfo.InvariantCulture, $"'{stream.Key}' begins at revision {stream.Value.First}"))],
            IsAtLeast: streams.Count == MostStreams);
    }

    private async Task<Dictionary<StreamId, Beginning>> FindWithMetadataAsync(EventPosition end, CancellationToken cancellationToken)
    {
        var streams = new Dictionary<StreamId, Beginning>();
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, end, EventFilter.OfTypes("$metadata"), cancellationToken))
        {
            using (batch)
            {
                foreach (ref readonly var one in batch.Events)
                {
                    // The metadata of a stream that is given as a UUID come under the same.
                    var stream = one.Stream.IsGuid ? one.Stream : new StreamId(one.Stream.Text[MetadataOf.Length..]);
                    if (streams.Count < MostStreams && (stream.IsGuid || !stream.Text.StartsWith('$')))
                    {
                        streams.TryAdd(stream, default);
                    }
                }
            }
        }

        return streams;
    }

    private static void Note(Dictionary<StreamId, Beginning> streams, in RecordedEvent one, EventFilter filter)
    {
        ref var stream = ref CollectionsMarshal.GetValueRefOrNullRef(streams, one.Stream);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref stream))
        {
            stream = new Beginning(stream.First ?? one.StreamVersion, stream.IsWanted || filter.Types is not { } types || types.Contains(one.Type));
        }
    }

    /// <param name="First">The revision of the first event that is left, or <c>null</c> before one was seen.</param>
    /// <param name="IsWanted">Whether an event that is wanted is left.</param>
    private readonly record struct Beginning(long? First, bool IsWanted);
}
