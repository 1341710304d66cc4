using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Projections.Events;

/// <summary>Turns stored events of one name into one C# type.</summary>
internal abstract class EventDecoder
{
    public abstract Type EventType { get; }

    /// <summary>Whether one object that it makes is as good for several as one for each: nothing in it can be changed.</summary>
    public abstract bool IsForAll { get; }

    /// <summary>Decodes an event for all who want it.</summary>
    /// <returns><c>null</c> when it cannot be decoded, or came out as another class than that which was looked at.</returns>
    public abstract object? TryDecodeForAll(in RecordedEvent recorded);

    /// <summary>What it makes of an event, but for the code that it calls; see <see cref="EventContract"/>.</summary>
    public abstract string Describe();

    /// <summary>Writes an event as the application would store it that it is read from here: in the shape of its own class, old or current.</summary>
    /// <returns>JSON in UTF-8, or <c>null</c> where no shape is of that class.</returns>
    public abstract byte[]? Encode(object e);
}

/// <inheritdoc/>
internal abstract class EventDecoder<TEvent> : EventDecoder
{
    public override Type EventType => typeof(TEvent);

    public override bool IsForAll => !typeof(TEvent).IsValueType && UnchangeableTypes.Has(typeof(TEvent));

    public override object? TryDecodeForAll(in RecordedEvent recorded)
    {
        try
        {
            return Decode(recorded) is { } data && data.GetType() == typeof(TEvent) ? data : null;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return null;
        }
    }

    /// <exception cref="JsonException">The body does not fit <typeparamref name="TEvent"/>.</exception>
    public abstract TEvent Decode(in RecordedEvent recorded);
}

/// <summary>Decodes straight from the batch's bytes.</summary>
internal sealed class JsonEventDecoder<TEvent>(JsonTypeInfo<TEvent> shape) : EventDecoder<TEvent>
{
    public override string Describe() => EventContract.Describe(shape);

    // A derived class is written by its base only where the JSON says which class it is.
    public override byte[]? Encode(object e) => e is TEvent data && (e.GetType() == typeof(TEvent) || shape.PolymorphismOptions is not null)
        ? JsonSerializer.SerializeToUtf8Bytes(data, shape)
        : null;

    public override TEvent Decode(in RecordedEvent recorded)
    {
        try
        {
            return JsonSerializer.Deserialize(recorded.Data.Span, shape)
                ?? throw new JsonException($"the body is null, expected a {typeof(TEvent).Name}");
        }
        catch (JsonException unfit)
        {
            throw JsonMisfit.Of(unfit, recorded.Data.Span, shape);
        }
    }
}

/// <summary>Decodes the old type and turns it into the new one.</summary>
internal sealed class UpcastingDecoder<TOld, TNew>(EventDecoder<TOld> old, Func<TOld, TNew> upcast) : EventDecoder<TNew>
{
    public override string Describe() => $"({old.Describe()}) becomes {typeof(TNew).Name}";

    public override byte[]? Encode(object e) => old.Encode(e);

    public override TNew Decode(in RecordedEvent recorded) =>
        upcast(old.Decode(recorded)) ?? throw new JsonException($"the upcaster from {typeof(TOld).Name} to {typeof(TNew).Name} returned null");
}

/// <summary>Turns the JSON of an old shape into the new type.</summary>
internal sealed class JsonUpcastingDecoder<TNew>(Func<JsonElement, TNew> upcast) : EventDecoder<TNew>
{
    public override string Describe() => $"JSON becomes {typeof(TNew).Name}";

    public override byte[]? Encode(object e) => null;

    public override TNew Decode(in RecordedEvent recorded)
    {
        using var document = JsonDocument.Parse(recorded.Data);
        return upcast(document.RootElement) ?? throw new JsonException($"the upcaster to {typeof(TNew).Name} returned null");
    }
}

/// <summary>Decodes by code of the application's own.</summary>
internal sealed class CodeDecoder<TEvent>(Func<ReadOnlyMemory<byte>, object> read) : EventDecoder<TEvent>
{
    public override string Describe() => $"code becomes {typeof(TEvent).Name}";

    public override byte[]? Encode(object e) => null;

    public override TEvent Decode(in RecordedEvent recorded) => read(recorded.Data) is TEvent e
        ? e
        : throw new JsonException($"the code that reads a {typeof(TEvent).Name} returned null or something else");
}

/// <summary>One name, several shapes: asks each old shape in the order of declaration whether it is this one.</summary>
internal sealed class ShapeChoosingDecoder<TEvent>(
    IReadOnlyList<(Func<StoredEvent, bool> When, EventDecoder<TEvent> Decoder)> oldShapes,
    EventDecoder<TEvent> current) : EventDecoder<TEvent>
{
    public override string Describe() => $"{string.Concat(oldShapes.Select(shape => $"{shape.Decoder.Describe()} or "))}{current.Describe()}";

    public override byte[]? Encode(object e) => oldShapes.Select(shape => shape.Decoder).Prepend(current).Select(decoder => decoder.Encode(e)).FirstOrDefault(json => json is not null);

    public override TEvent Decode(in RecordedEvent recorded) => Choose(recorded).Decode(recorded);

    private EventDecoder<TEvent> Choose(in RecordedEvent recorded)
    {
        using var stored = new StoredEvent(recorded);
        foreach (var (when, decoder) in oldShapes)
        {
            if (when(stored))
            {
                return decoder;
            }
        }

        return current;
    }
}
