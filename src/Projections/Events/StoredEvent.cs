using System.Text.Json;

namespace Projections.Events;

/// <summary>An event as it is stored, for deciding which shape it has before it is decoded.</summary>
public sealed class StoredEvent : IDisposable
{
    private readonly RecordedEvent _recorded;
    private JsonDocument? _document;

    internal StoredEvent(in RecordedEvent recorded) => _recorded = recorded;

    /// <summary>The event type's name in the store.</summary>
    public string Type => _recorded.Type;

    /// <summary>The event's body as JSON; parsed when it is first asked for.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public JsonElement Data => (_document ??= JsonDocument.Parse(_recorded.Data)).RootElement;

    /// <summary>When the event was stored, in UTC.</summary>
    public DateTime Time => _recorded.Time;

    /// <inheritdoc cref="Event{TEvent}.Metadata"/>
    public string? Metadata(string name) => EventMetadata.Find(_recorded.Metadata.Span, name);

    /// <summary>Gives the parsed body back; it is of no use after that.</summary>
    public void Dispose() => _document?.Dispose();
}
