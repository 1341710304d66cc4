using Projections.Events;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.Following;

/// <summary>
/// The last events that the subscription has brought, without a gap, so that who follows need not ask the server for them again. They
/// are copied out of the connection's buffers, since nobody could say when the last reader has done with them.
/// </summary>
/// <param name="mostEvents">How many events are kept at most, unless one batch has more.</param>
/// <param name="mostBytes">How many bytes of bodies and metadata are kept at most, unless one batch has more.</param>
internal sealed class RecentEvents(int mostEvents, long mostBytes)
{
    private readonly Queue<(RecordedEvent[] Events, EventPosition Through, long Bytes)> _batches = new();
    private EventPosition? _after;
    private EventPosition _through;
    private int _events;
    private long _bytes;

    /// <summary>Forgets everything: a subscription begins after this position.</summary>
    public void Begin(EventPosition after)
    {
        Forget();
        (_after, _through) = (after, after);
    }

    /// <summary>Forgets everything: there is no subscription any more.</summary>
    public void Forget()
    {
        _batches.Clear();
        (_after, _events, _bytes) = (null, 0, 0);
    }

    /// <summary>Takes in what follows what is there. The batch may be disposed afterwards.</summary>
    public void Add(EventBatch batch)
    {
        var (events, bytes) = Copy(batch.Events);
        _batches.Enqueue((events, batch.Through, bytes));
        _through = batch.Through;
        _events += events.Length;
        _bytes += bytes;
        while (_batches.Count > 1 && (_events > mostEvents || _bytes > mostBytes))
        {
            var oldest = _batches.Dequeue();
            _after = oldest.Through;
            _events -= oldest.Events.Length;
            _bytes -= oldest.Bytes;
        }
    }

    /// <summary>
    /// The events of a range that a filter wants; <c>null</c> where the range is not there whole, and where the filter asks for streams,
    /// whose names in the store are no longer known.
    /// </summary>
    public EventBatch? Find(EventPosition after, EventPosition upTo, EventFilter filter)
    {
        if (_after is not { } begin || after < begin || upTo > _through || filter is not { Category: null, Streams: null })
        {
            return null;
        }

        var selection = EventSelection.Of(filter);
        var found = new List<RecordedEvent>();
        foreach (var (events, through, _) in _batches)
        {
            if (through <= after)
            {
                continue;
            }

            foreach (ref readonly var one in events.AsSpan())
            {
                if (one.Position > after && one.Position <= upTo && selection.WantsType(one.Type))
                {
                    found.Add(one);
                }
            }
        }

        return new EventBatch([.. found], found.Count, upTo);
    }

    private static (RecordedEvent[] Events, long Bytes) Copy(ReadOnlySpan<RecordedEvent> events)
    {
        var length = 0;
        foreach (ref readonly var one in events)
        {
            length += one.Data.Length + one.Metadata.Length;
        }

        var bytes = new byte[length];
        var copies = new RecordedEvent[events.Length];
        var free = bytes.AsMemory();
        for (var index = 0; index < events.Length; index++)
        {
            copies[index] = events[index] with { Data = Move(events[index].Data, ref free), Metadata = Move(events[index].Metadata, ref free) };
        }

        return (copies, length);
    }

    private static ReadOnlyMemory<byte> Move(ReadOnlyMemory<byte> from, ref Memory<byte> free)
    {
        from.CopyTo(free);
        var copy = free[..from.Length];
        free = free[from.Length..];
        return copy;
    }
}
