using System.Runtime.CompilerServices;

namespace Projections.Events;

/// <summary>
/// Consecutive events of a source in its global order, and how far the reading has come. One rule holds for every batch, whoever gives it: it
/// is its receiver's alone, who disposes it once nobody uses its events, or slices of them, any longer; then its buffers are used again. Who
/// hands it on hands that duty on. Who cannot know when the last user has done with it does not dispose it: then it is the garbage collector's.
/// </summary>
public sealed class EventBatch : IDisposable
{
    // The batch itself, the heads of its arrays, and its place in whatever keeps it.
    private const int FixedSize = 256;

    // A string's head and its end.
    private const int TextSize = 32;

    private readonly RecordedEvent[] _events;
    private Action? _release;

    /// <param name="events">The array that holds the events; it may be longer than <paramref name="count"/>.</param>
    /// <param name="count">How many of <paramref name="events"/> count.</param>
    /// <param name="through">The position up to which nothing that the filter wants remains to be read. At or past the
    /// last event's position: past it when the source skipped events that the filter does not want.</param>
    /// <param name="release">Gives the buffers back; called once.</param>
    public EventBatch(RecordedEvent[] events, int count, EventPosition through, Action? release = null)
    {
        _events = events;
        _release = release;
        Count = count;
        Through = through;
    }

    public int Count { get; }

    /// <summary>What its events were decoded to for all who share them, or <c>null</c>.</summary>
    internal DecodedEvents? Decoded { get; private init; }

    public EventPosition Through { get; }

    public ReadOnlySpan<RecordedEvent> Events => _events.AsSpan(0, Count);

    /// <summary>The same events for code that must await between them.</summary>
    public ReadOnlyMemory<RecordedEvent> Memory => _events.AsMemory(0, Count);

    /// <summary>
    /// How much memory a <see cref="Copy"/> of it takes, in bytes, with all that it alone keeps alive: not only the bodies. Names that
    /// many events share (types, tenants) are not counted. What is followed comes in batches that take no more.
    /// </summary>
    public long Size
    {
        get
        {
            long size = FixedSize + ((long)Count * Unsafe.SizeOf<RecordedEvent>());
            foreach (ref readonly var one in Events)
            {
                size += one.Data.Length + one.Metadata.Length + (one.Stream.IsGuid ? 0 : TextSize + (sizeof(char) * one.Stream.Text.Length));
            }

            return size;
        }
    }

    /// <summary>
    /// The same events in memory of their own, no more than they need, for who keeps them: a source's buffers are made for thousands of
    /// events, however few are in them. Disposing the copy gives nothing back, so that it may be shared freely.
    /// </summary>
    public EventBatch Copy()
    {
        var length = 0;
        foreach (ref readonly var one in Events)
        {
            length += one.Data.Length + one.Metadata.Length;
        }

        var free = new byte[length].AsMemory();
        var copies = new RecordedEvent[Count];
        for (var i = 0; i < copies.Length; i++)
        {
            copies[i] = _events[i] with { Data = Move(_events[i].Data, ref free), Metadata = Move(_events[i].Metadata, ref free) };
        }

        return new EventBatch(copies, Count, Through);
    }

    /// <summary>One of several batches over the same buffers, whose owner learns when it is disposed.</summary>
    /// <param name="upTo">Where it ends, at the latest.</param>
    /// <param name="decoded">What the events were decoded to already, or <c>null</c>.</param>
    /// <param name="release">Called once, when it is disposed.</param>
    internal EventBatch Part(EventPosition upTo, DecodedEvents? decoded, Action release)
    {
        var count = Count;
        while (count > 0 && _events[count - 1].Position > upTo)
        {
            count--;
        }

        return new EventBatch(_events, count, EventPosition.Min(Through, upTo), release) { Decoded = decoded };
    }

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();

    private static ReadOnlyMemory<byte> Move(ReadOnlyMemory<byte> from, ref Memory<byte> free)
    {
        from.CopyTo(free);
        var copy = free[..from.Length];
        free = free[from.Length..];
        return copy;
    }
}
