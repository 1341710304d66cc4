using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Projections.Events;

namespace Projections.EventStoreDb.Reading;

/// <summary>Streams that may have lost their first events, and what is seen to be left of them.</summary>
internal sealed class BeginningTally(EventFilter filter)
{
    // About 10 MB.
    private const int MostStreams = 100_000;

    private const int MostExamples = 3;

    private readonly Dictionary<StreamId, Beginning> _streams = [];

    public bool IsEmpty => _streams.Count == 0;

    /// <summary>Whether there may be more streams than were looked at.</summary>
    public bool IsAtLeast { get; set; }

    /// <summary>A stream may have lost events.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="isBuried">Whether it was deleted for good.</param>
    public void Suspect(StreamId stream, bool isBuried = false)
    {
        if (_streams.Count == MostStreams && !_streams.ContainsKey(stream))
        {
            IsAtLeast = true;
            return;
        }

        ref var suspected = ref CollectionsMarshal.GetValueRefOrAddDefault(_streams, stream, out _);
        suspected = suspected with { IsBuried = suspected.IsBuried || isBuried };
    }

    /// <summary>An event is there; they come in order. Of streams that are not suspected it says nothing.</summary>
    public void Note(in RecordedEvent one)
    {
        ref var stream = ref CollectionsMarshal.GetValueRefOrNullRef(_streams, one.Stream);
        if (!Unsafe.IsNullRef(ref stream))
        {
            var isWanted = filter.Types is not { } types || types.Contains(one.Type);
            stream = stream with
            {
                First = stream.First ?? one.StreamVersion,
                Last = one.StreamVersion,
                LastWanted = isWanted ? one.StreamVersion : stream.LastWanted,
                At = one.Position,
            };
        }
    }

    /// <summary>The last event of each stream that has its first one and was not deleted for good: that leaves nothing in a scavenge.</summary>
    public IReadOnlyList<RecordedEvent> FindWhole() =>
    [
        .. _streams.Where(stream => stream.Value is { First: 0, LastWanted: not null, IsBuried: false }).Select(stream => new RecordedEvent
        {
            Position = stream.Value.At,
            Stream = stream.Key,
            StreamVersion = stream.Value.Last,
            Type = "",
            Data = default,
            Time = default,
        }),
    ];

    /// <summary>The server shows nothing of a stream before a revision: in a scavenge that goes. Where it shows nothing at all, the last event stays.</summary>
    public void Hide(StreamId stream, long? shown)
    {
        ref var hidden = ref CollectionsMarshal.GetValueRefOrNullRef(_streams, stream);
        hidden = hidden with { First = shown ?? hidden.Last };
    }

    /// <summary>What has come of it, once all events were noted.</summary>
    public LostBeginnings Report()
    {
        var lost = _streams.Where(stream => stream.Value is { First: > 0 } && stream.Value.LastWanted >= stream.Value.First).OrderBy(stream => stream.Key.Text, StringComparer.Ordinal).ToList();
        var gone = _streams.Where(stream => stream.Value is { First: null, IsBuried: true }).Select(stream => stream.Key.Text).Order(StringComparer.Ordinal).ToList();
        return new LostBeginnings(
            lost.Count,
            lost.Sum(stream => stream.Value.First!.Value),
            [.. lost.Take(MostExamples).Select(stream => string.Create(CultureInfo.InvariantCulture, $"'{stream.Key}' begins at revision {stream.Value.First}"))],
            IsAtLeast)
        {
            Traces = gone.Count == 0 ? [] : [Gone(gone)],
        };
    }

    private string Gone(List<string> streams) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsAtLeast ? "at least " : "")}{streams.Count:N0} {(streams.Count == 1 ? "stream was" : "streams were")} deleted for good, and a scavenge has left nothing of {(streams.Count == 1 ? "it" : "them")}: {string.Join(", ", streams.Take(MostExamples).Select(stream => $"'{stream}'"))}{(streams.Count > MostExamples ? ", …" : "")}.");

    /// <param name="First">The revision of the first event that is left, or <c>null</c> before one was seen.</param>
    /// <param name="Last">That of the last one.</param>
    /// <param name="LastWanted">That of the last one that is wanted, or <c>null</c> when none was seen.</param>
    /// <param name="At">Where the last one lies.</param>
    /// <param name="IsBuried">Whether the stream was deleted for good.</param>
    private readonly record struct Beginning(long? First, long Last, long? LastWanted, EventPosition At, bool IsBuried);
}
