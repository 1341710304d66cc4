namespace Projections.Events;

/// <summary>
/// Consecutive events of a source in its global order, and how far the reading has come. Whoever receives a batch
/// disposes it when its events, and all slices of them, are no longer needed; the buffers are used again.
/// </summary>
public sealed class EventBatch : IDisposable
{
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

    public EventPosition Through { get; }

    public ReadOnlySpan<RecordedEvent> Events => _events.AsSpan(0, Count);

    /// <summary>The same events for code that must await between them.</summary>
    public ReadOnlyMemory<RecordedEvent> Memory => _events.AsMemory(0, Count);

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
