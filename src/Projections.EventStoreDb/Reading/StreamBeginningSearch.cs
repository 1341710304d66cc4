using System.Runtime.InteropServices;
using Projections.Events;

namespace Projections.EventStoreDb.Reading;

/// <summary>
/// The same for a source of one stream or category, which shows of each stream what the server shows: one whose first event that comes is not its
/// first has lost its beginning. All of it is read once.
/// </summary>
internal sealed class StreamBeginningSearch(IEventSource source)
{
    // About 30 MB.
    private const int MostWhole = 1_000_000;

    private readonly HashSet<ulong> _whole = [];

    public async Task<LostBeginnings> RunAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        var end = (await source.GetSafeHeadAsync(cancellationToken)).Position;
        var streams = new BeginningTally(filter);
        await foreach (var batch in source.ReadAsync(EventPosition.BeforeFirst, end, filter with { Types = null }, cancellationToken))
        {
            using (batch)
            {
                foreach (ref readonly var one in batch.Events)
                {
                    Note(streams, one);
                }
            }
        }

        return streams.Report();
    }

    private void Note(BeginningTally streams, in RecordedEvent one)
    {
        if (one.StreamVersion == 0)
        {
            _whole.Add(NumberOf(one.Stream));
            return;
        }

        // Of streams beyond as many as are remembered nobody knows whether they have begun.
        streams.IsAtLeast |= _whole.Count >= MostWhole;
        if (_whole.Count < MostWhole && !_whole.Contains(NumberOf(one.Stream)))
        {
            streams.Suspect(one.Stream);
        }

        streams.Note(one);
    }

    // FNV-1a: names take too much memory, and that two streams have one number is a matter of once in thousands of such stores.
    private static ulong NumberOf(StreamId stream)
    {
        Span<Guid> uuid = [stream.IsGuid ? stream.Guid : Guid.Empty];
        var hash = 0xCBF29CE484222325;
        foreach (var part in stream.IsGuid ? MemoryMarshal.AsBytes(uuid) : MemoryMarshal.AsBytes(stream.Text.AsSpan()))
        {
            hash = (hash ^ part) * 0x100000001B3;
        }

        return hash;
    }
}
