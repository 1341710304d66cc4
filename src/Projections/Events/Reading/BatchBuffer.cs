using System.Buffers;

namespace Projections.Events.Reading;

/// <summary>The bytes and events of one batch while it is being filled, both from pools.</summary>
public sealed class BatchBuffer(int bytes, int events)
{
    private RecordedEvent[] _events = ArrayPool<RecordedEvent>.Shared.Rent(events);

    public byte[] Bytes { get; private set; } = ArrayPool<byte>.Shared.Rent(bytes);

    /// <summary>How many bytes have arrived.</summary>
    public int Filled { get; set; }

    /// <summary>Where the first byte lies that is not read as part of an event.</summary>
    public int Start { get; set; }

    public int Count { get; private set; }

    public bool IsFull => Count >= events;

    public void Add(in RecordedEvent recorded) => _events[Count++] = recorded;

    public EventPosition LastPosition => _events[Count - 1].Position;

    /// <summary>
    /// Makes room for more bytes: where those before the next event are done with, in their place, and else, for a single event that
    /// is larger than the buffer, in a larger one. Only while there are no events: they are slices of it.
    /// </summary>
    public void MakeRoom()
    {
        var rest = Bytes.AsSpan(Start, Filled - Start);
        if (Start > 0)
        {
            rest.CopyTo(Bytes);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Bytes.Length * 2);
            rest.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(Bytes);
            Bytes = larger;
        }

        Filled -= Start;
        Start = 0;
    }

    /// <summary>Takes over what the buffer before has received of the next event.</summary>
    public void TakeRest(BatchBuffer before)
    {
        var rest = before.Bytes.AsSpan(before.Start, before.Filled - before.Start);
        while (Bytes.Length < rest.Length)
        {
            MakeRoom();
        }

        rest.CopyTo(Bytes);
        Filled = rest.Length;
    }

    /// <summary>Hands the events over; the buffers go back to their pools when the batch is disposed.</summary>
    public EventBatch ToBatch(EventPosition through) => new(_events, Count, through, Release);

    /// <summary>Gives both buffers back.</summary>
    public void Release()
    {
        ArrayPool<byte>.Shared.Return(Bytes);
        ArrayPool<RecordedEvent>.Shared.Return(_events);
        Bytes = [];
        _events = [];
    }
}
