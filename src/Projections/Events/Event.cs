using System.Text.Json;

namespace Projections.Events;

/// <summary>
/// A decoded event as handlers see it. Good only while the handler runs: what a row is to remember is copied into it.
/// </summary>
/// <typeparam name="TEvent">The C# type that <see cref="EventTypes"/> maps the event's name to.</typeparam>
public readonly struct Event<TEvent>
{
    // A place in the batch instead of a copy of its hundred bytes: handlers run millions of times.
    private readonly RecordedEvent[] _batch;
    private readonly int _index;

    internal Event(RecordedEvent[] batch, int index, TEvent data)
    {
        _batch = batch;
        _index = index;
        Data = data;
    }

    /// <summary>The event's body.</summary>
    public TEvent Data { get; }

    public StreamId Stream => _batch[_index].Stream;

    /// <summary>The event's place in its stream, as the store counts.</summary>
    public long StreamVersion => _batch[_index].StreamVersion;

    /// <summary>The event's place in the source's global order.</summary>
    public EventPosition Position => _batch[_index].Position;

    /// <summary>The event type's name in the store; an old name if the event was upcast.</summary>
    public string Type => _batch[_index].Type;

    /// <summary>When the event was stored, in UTC, to the microsecond: finer is not kept by PostgreSQL's timestamps.</summary>
    public DateTime Time
    {
        get
        {
            var time = _batch[_index].Time;
            return time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond));
        }
    }

    /// <summary>The tenant, or <c>null</c> where the store knows none.</summary>
    public string? Tenant => _batch[_index].Tenant;

    /// <summary>
    /// A value of the event's metadata by its name, or <c>null</c> when there is none: a string as it is, anything
    /// else as its JSON text. The metadata is parsed on each call.
    /// </summary>
    /// <exception cref="JsonException">The metadata is no JSON.</exception>
    public string? Metadata(string name) => EventMetadata.Find(_batch[_index].Metadata.Span, name);
}
