using System.Diagnostics.CodeAnalysis;

namespace Projections.Events;

/// <summary>
/// Which C# type an event has by its name in the store, and how events that were stored under an old name or in an old
/// shape become the type that handlers know today.
/// </summary>
/// <example><code>
/// EventTypes.Create(types => types
///     .Using(InvoicingJson.Default)
///     .Map&lt;InvoiceIssued&gt;("invoice_issued")
///     .Map&lt;LineAdded&gt;("line_added")
///     .Upcast&lt;LineAddedV1, LineAdded&gt;("line_added_v1", old => new(old.Amount, Quantity: 1)));
/// </code></example>
public sealed class EventTypes
{
    private readonly Dictionary<string, EventDecoder> _decoders;
    private readonly Dictionary<Type, Type> _successors;

    internal EventTypes(Dictionary<string, EventDecoder> decoders, Dictionary<Type, Type> successors)
    {
        _decoders = decoders;
        _successors = successors;
    }

    /// <exception cref="EventTypesInvalid">Names or upcasters contradict each other; the message lists all of it.</exception>
    public static EventTypes Create(Action<EventTypesBuilder> define)
    {
        ArgumentNullException.ThrowIfNull(define);
        var builder = new EventTypesBuilder();
        define(builder);
        return builder.Build();
    }

    /// <summary>
    /// All classes that are a <typeparamref name="TMarker"/>, an interface or base class in the same assembly, by the names that a rule gives them:
    /// <c>EventTypes.FromAssemblyOf&lt;IShopEvent&gt;(EventNames.Marten)</c>. For more, <see cref="EventTypesBuilder.MapAll{TMarker}"/>.
    /// </summary>
    /// <exception cref="EventTypesInvalid">Classes clash, are generic, or there are none; the message lists all of it.</exception>
    public static EventTypes FromAssemblyOf<TMarker>(Func<Type, string> naming) => Create(types => types.MapAll<TMarker>(naming));

    /// <summary>All names, old ones included.</summary>
    public IReadOnlyCollection<string> Names => _decoders.Keys;

    /// <summary>The names whose events come out as <paramref name="type"/>, old ones included; empty for a type that is not mapped.</summary>
    public IReadOnlyList<string> NamesOf(Type type) =>
        [.. _decoders.Where(entry => entry.Value.EventType == type).Select(entry => entry.Key).Order(StringComparer.Ordinal)];

    /// <summary>All types that events come out as.</summary>
    internal IEnumerable<Type> Types => _decoders.Values.Select(decoder => decoder.EventType).Distinct();

    /// <summary>The type that events of <paramref name="old"/> become, when it is one that has been replaced.</summary>
    internal bool TryGetSuccessor(Type old, [NotNullWhen(true)] out Type? successor) => _successors.TryGetValue(old, out successor);

    /// <summary>What decoding makes of the events of a name; see <see cref="EventContract"/>.</summary>
    internal string Describe(string name) => _decoders[name].Describe();

    /// <summary>Writes an event under the first of its names that was declared, as the application would have stored it.</summary>
    /// <returns><c>null</c> for a class that no name is mapped to.</returns>
    internal (string Name, byte[] Json)? Encode(object e)
    {
        foreach (var (name, decoder) in _decoders)
        {
            if (decoder.Encode(e) is { } json)
            {
                return (name, json);
            }
        }

        return null;
    }

    /// <summary>By what the events of a name are decoded, or <c>null</c> for a name that is not mapped.</summary>
    internal EventDecoder? Find(string name) => _decoders.GetValueOrDefault(name);

    internal EventDecoder<TEvent> DecoderFor<TEvent>(string name) => (EventDecoder<TEvent>)_decoders[name];

    /// <summary>These and one more.</summary>
    internal EventTypes With(string name, EventDecoder decoder) => new(new Dictionary<string, EventDecoder>(_decoders) { [name] = decoder }, _successors);
}
