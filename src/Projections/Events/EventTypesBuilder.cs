using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Projections.Events;

/// <summary>Declares what <see cref="EventTypes"/> knows.</summary>
public sealed class EventTypesBuilder
{
    private static readonly MethodInfo DecoderOf = typeof(EventTypesBuilder).GetMethod(nameof(Decoder), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private readonly Dictionary<string, Func<EventDecoder>> _current = new(StringComparer.Ordinal);
    private readonly HashSet<Type> _named = [];
    private readonly List<EventTypeScan> _scans = [];
    private readonly List<(string Name, Func<StoredEvent, bool> When, Func<EventDecoder> Decoder)> _oldShapes = [];
    private readonly Dictionary<Type, Upcaster> _upcasters = [];
    private readonly List<string> _errors = [];
    private JsonSerializerOptions _json = Strict(new JsonSerializerOptions(JsonSerializerDefaults.Web) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() });

    internal EventTypesBuilder()
    {
    }

    /// <summary>
    /// Decodes by source-generated metadata and its options. Whatever they say, a missing constructor parameter
    /// and a <c>null</c> where the type allows none are errors: an event that lacks something is not to become a row in silence.
    /// </summary>
    public EventTypesBuilder Using(JsonSerializerContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _json = Strict(new JsonSerializerOptions(context.Options) { TypeInfoResolver = context });
        return this;
    }

    /// <summary>
    /// Decodes by these options. The default is <see cref="JsonSerializerDefaults.Web"/>: camel case, and names are
    /// found in any case.
    /// </summary>
    public EventTypesBuilder Using(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var copy = new JsonSerializerOptions(options);
        copy.TypeInfoResolver ??= new DefaultJsonTypeInfoResolver();
        _json = Strict(copy);
        return this;
    }

    /// <summary>Events named <paramref name="name"/> are of type <typeparamref name="TEvent"/>. A type may have several names.</summary>
    public EventTypesBuilder Map<TEvent>(string name)
    {
        _named.Add(typeof(TEvent));
        AddName(name, () => Decoder<TEvent>());
        return this;
    }

    /// <summary>As <see cref="Map{TEvent}"/>, for a class that a program knows by its type.</summary>
    /// <param name="type">The class.</param>
    /// <param name="name">The name in the store.</param>
    /// <param name="read">
    /// Makes the event of its JSON in UTF-8 in place of the options, for a serializer of the application's own. It is code: a change of it is not noticed, and
    /// what it throws is told as the reason why an event cannot be decoded.
    /// </param>
    public EventTypesBuilder Map(Type type, string name, Func<ReadOnlyMemory<byte>, object>? read = null)
    {
        ArgumentNullException.ThrowIfNull(type);
        _named.Add(type);
        AddName(name, read is null ? () => DecoderFor(type) : () => (EventDecoder)Activator.CreateInstance(typeof(CodeDecoder<>).MakeGenericType(type), read)!);
        return this;
    }

    /// <summary>
    /// Maps every class of an assembly that is a <typeparamref name="TMarker"/>, an interface or a base class, to the name that a rule gives it; but
    /// for those that <see cref="Map{TEvent}"/> or <c>Upcast</c> name themselves.
    /// </summary>
    /// <param name="naming">The rule, such as <see cref="EventNames.Marten"/>.</param>
    /// <param name="assembly">The assembly. The default is that of <typeparamref name="TMarker"/>.</param>
    public EventTypesBuilder MapAll<TMarker>(Func<Type, string> naming, Assembly? assembly = null)
    {
        var where = assembly ?? typeof(TMarker).Assembly;
        return Scan(new EventTypeScan(where, type => type.IsAssignableTo(typeof(TMarker)), naming, $"class in {where.GetName().Name} is a {typeof(TMarker).Name}"));
    }

    /// <summary>As <see cref="MapAll{TMarker}"/>, for the classes of a namespace and of those in it.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="name">The namespace, such as <c>Shop.Events</c>.</param>
    /// <param name="naming">The rule, such as <see cref="EventNames.Marten"/>.</param>
    public EventTypesBuilder MapNamespace(Assembly assembly, string name, Func<Type, string> naming)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Scan(new EventTypeScan(
            assembly,
            type => type.Namespace is { } space && (space == name || space.StartsWith($"{name}.", StringComparison.Ordinal)),
            naming,
            $"class in {assembly.GetName().Name} is in the namespace {name}"));
    }

    /// <summary>
    /// Events named <paramref name="oldName"/> are of the old type <typeparamref name="TOld"/> and are handled as
    /// <typeparamref name="TNew"/>. Steps add up: what becomes a type that has a successor itself, becomes that one.
    /// </summary>
    public EventTypesBuilder Upcast<TOld, TNew>(string oldName, Func<TOld, TNew> upcast)
    {
        AddName(oldName, () => Decoder<TOld>());
        _named.Add(typeof(TOld));
        AddStep(oldName, upcast);
        return this;
    }

    /// <summary>
    /// Events named <paramref name="name"/> for which <paramref name="when"/> holds have the old shape
    /// <typeparamref name="TOld"/>; all others are decoded as <see cref="Map{TEvent}"/> says.
    /// </summary>
    public EventTypesBuilder Upcast<TOld, TNew>(string name, Func<StoredEvent, bool> when, Func<TOld, TNew> upcast)
    {
        _oldShapes.Add((name, when, () => Decoder<TOld>()));
        _named.Add(typeof(TOld));
        AddStep(name, upcast);
        return this;
    }

    /// <summary>As the other, for an old shape that no C# type is left for.</summary>
    public EventTypesBuilder UpcastJson<TNew>(string name, Func<StoredEvent, bool> when, Func<JsonElement, TNew> upcast)
    {
        _oldShapes.Add((name, when, () => new JsonUpcastingDecoder<TNew>(upcast)));
        return this;
    }

    internal EventTypes Build()
    {
        foreach (var scan in _scans)
        {
            _errors.AddRange(scan.FindErrors(_named));
            foreach (var (name, type) in scan.Find(_named))
            {
                AddName(name, () => DecoderFor(type));
            }
        }

        var decoders = new Dictionary<string, EventDecoder>(StringComparer.Ordinal);
        foreach (var (name, create) in _current)
        {
            TryAdd(decoders, name, create);
        }

        foreach (var name in _oldShapes.Select(shape => shape.Name).Distinct(StringComparer.Ordinal))
        {
            AddOldShapes(decoders, name);
        }

        return _errors.Count == 0
            ? new EventTypes(decoders, _upcasters.ToDictionary(step => step.Key, step => step.Value.New))
            : throw new EventTypesInvalid(_errors);
    }

    private EventTypesBuilder Scan(EventTypeScan scan)
    {
        _scans.Add(scan);
        return this;
    }

    private void AddName(string name, Func<EventDecoder> decoder)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_current.TryAdd(name, decoder))
        {
            _errors.Add($"The name '{name}' is mapped twice. Map it once, and tell old shapes of it apart by Upcast(name, when, ...).");
        }
    }

    private void AddStep<TOld, TNew>(string name, Func<TOld, TNew> upcast)
    {
        ArgumentNullException.ThrowIfNull(upcast);
        if (!_upcasters.TryAdd(typeof(TOld), new Upcaster<TOld, TNew>(upcast)))
        {
            _errors.Add($"{typeof(TOld).Name} has two upcasters (the second for '{name}'). A type becomes one other type: give each old shape a type of its own.");
        }
    }

    private void TryAdd(Dictionary<string, EventDecoder> decoders, string name, Func<EventDecoder> create)
    {
        try
        {
            decoders.Add(name, Upcast(create()));
        }
        catch (Exception error) when (error is NotSupportedException or InvalidOperationException)
        {
            _errors.Add($"The type of '{name}' has no JSON metadata: {error.Message} Add [JsonSerializable] for it to the context that Using(...) names.");
        }
    }

    private EventDecoder Upcast(EventDecoder decoder)
    {
        var seen = new HashSet<Type>();
        while (_upcasters.TryGetValue(decoder.EventType, out var step))
        {
            if (!seen.Add(step.Old))
            {
                throw new InvalidOperationException($"the upcasters of {step.Old.Name} go round in a circle.");
            }

            decoder = step.Over(decoder);
        }

        return decoder;
    }

    private void AddOldShapes(Dictionary<string, EventDecoder> decoders, string name)
    {
        if (!decoders.TryGetValue(name, out var current))
        {
            _errors.Add($"'{name}' has an old shape but no current one. Map it: Map<...>(\"{name}\").");
            return;
        }

        var choice = (ShapeChoice)Activator.CreateInstance(typeof(ShapeChoice<>).MakeGenericType(current.EventType))!;
        foreach (var (_, when, create) in _oldShapes.Where(shape => shape.Name == name))
        {
            var old = Upcast(create());
            if (old.EventType != current.EventType)
            {
                _errors.Add($"'{name}' is a {current.EventType.Name}, but an old shape of it becomes a {old.EventType.Name}. All shapes of a name must become the same type.");
                return;
            }

            choice.Add(when, old);
        }

        decoders[name] = choice.Over(current);
    }

    private EventDecoder DecoderFor(Type type) => (EventDecoder)DecoderOf.MakeGenericMethod(type).Invoke(this, BindingFlags.DoNotWrapExceptions, null, null, null)!;

    private EventDecoder<TEvent> Decoder<TEvent>() => new JsonEventDecoder<TEvent>((JsonTypeInfo<TEvent>)_json.GetTypeInfo(typeof(TEvent)));

    private static JsonSerializerOptions Strict(JsonSerializerOptions options)
    {
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        // jsonb puts short names before long ones, and so the name of a derived class behind other members.
        options.AllowOutOfOrderMetadataProperties = true;
        return options;
    }

    private abstract class ShapeChoice
    {
        public abstract void Add(Func<StoredEvent, bool> when, EventDecoder decoder);

        public abstract EventDecoder Over(EventDecoder current);
    }

    private sealed class ShapeChoice<TEvent> : ShapeChoice
    {
        private readonly List<(Func<StoredEvent, bool>, EventDecoder<TEvent>)> _shapes = [];

        public override void Add(Func<StoredEvent, bool> when, EventDecoder decoder) => _shapes.Add((when, (EventDecoder<TEvent>)decoder));

        public override EventDecoder Over(EventDecoder current) => new ShapeChoosingDecoder<TEvent>(_shapes, (EventDecoder<TEvent>)current);
    }
}
