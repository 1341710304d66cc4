using Projections.Events;
using Projections.EventStoreDb.Reading;

namespace Projections.EventStoreDb.Following;

/// <summary>
/// The last events that the subscription has brought, without a gap, so that who follows need not ask the server for them again. They
/// are copied out of the connection's buffers, since nobody could say when the last reader has done with them.
/// </summary>
/// <param name="mostEvents">How many events are kept at most, unless one batch has more.</param>
/// <param name="mostBytes">How much memory they take at most, in bytes, unless one batch takes more.</param>
internal sealed class RecentEvents(int mostEvents, long mostBytes)
{
    private readonly Queue<EventBatch> _batches = new();
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
        var kept = batch.Copy();
        _batches.Enqueue(kept);
        _through = kept.Through;
        (_events, _bytes) = (_events + kept.Count, _bytes + kept.Size);
        while (_batches.Count > 1 && (_events > mostEvents || _bytes > mostBytes))
        {
            var oldest = _batches.Dequeue();
            _after = oldest.Through;
            (_events, _bytes) = (_events - oldest.Count, _bytes - oldest.Size);
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
        foreach (var batch in _batches.SkipWhile(batch => batch.Through <= after))
        {
            foreach (ref readonly var one in batch.Events)
            {
                if (one.Position > after && one.Position <= upTo && selection.WantsType(one.Type))
                {
                    found.Add(one);
                }
            }
        }

        return new EventBatch([.. found], found.Count, upTo);
    }
}
