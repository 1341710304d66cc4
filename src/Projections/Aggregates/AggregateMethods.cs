using System.Reflection;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Aggregates;

/// <summary>
/// Finds the methods of a class that take events, by the conventions of Marten, and what is wrong with them. A method that has one of the
/// names and takes something else (a factory of the domain, a command) is none of ours.
/// </summary>
internal sealed class AggregateMethods
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    private readonly Type _aggregate;
    private readonly HashSet<Type> _types;
    private readonly SortedDictionary<string, (Type Type, EventMethods Methods)> _events = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];

    private AggregateMethods(Type aggregate, EventTypes types)
    {
        _aggregate = aggregate;
        _types = [.. types.Types];
        var methods = aggregate.GetMethods(Any).Where(method => !method.IsGenericMethod && !IsIgnored(method)).OrderBy(Signature, StringComparer.Ordinal).ToList();
        Find(methods.Where(method => method.Name == "Create"), ProblemOfCreate, (found, method) => found.Create = method);
        Find(methods.Where(method => method.Name == "Apply"), ProblemOfApply, (found, method) => found.Apply = (MethodInfo)method);
        Find(methods.Where(method => method.Name == "ShouldDelete"), ProblemOfShouldDelete, (found, method) => found.ShouldDelete = (MethodInfo)method);
        FindConstructors();
        if (_events.Count == 0 && _problems.Count == 0)
        {
            _problems.Add($"{TypeName.Of(aggregate)} has no method Create, Apply or ShouldDelete that takes an event of the event types.");
        }
    }

    /// <summary>The methods for each type of event that has any; those for types that are not mapped to a name are among them.</summary>
    public IReadOnlyDictionary<Type, EventMethods> Events => _events.Values.ToDictionary(found => found.Type, found => found.Methods);

    /// <summary>What is wrong, a sentence or two each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public static AggregateMethods Of(Type aggregate, EventTypes types) => new(aggregate, types);

    private void Find(IEnumerable<MethodBase> named, Func<MethodInfo, string?> problemOf, Action<EventMethods, MethodBase> take)
    {
        var candidates = new List<(Type Taken, MethodBase Method)>();
        foreach (var method in named.Cast<MethodInfo>())
        {
            var taken = EventTakenBy(method);
            if (taken is null)
            {
                continue;
            }

            var isOurs = TypesOf(taken).Any();
            var problem = problemOf(method) ?? ProblemOfParameters(method, taken);
            if (problem is null)
            {
                candidates.Add((taken, method));
            }
            else if (isOurs)
            {
                _problems.Add($"{Name(method)} {problem}");
            }
        }

        foreach (var type in candidates.SelectMany(candidate => TypesOf(candidate.Taken).DefaultIfEmpty(candidate.Taken)).Distinct().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            Choose(type, [.. candidates.Where(candidate => candidate.Taken.IsAssignableFrom(type))], take);
        }
    }

    /// <summary>Takes the method that names the type itself or, of its base types and interfaces, the one that is nearest to it.</summary>
    private void Choose(Type type, List<(Type Taken, MethodBase Method)> candidates, Action<EventMethods, MethodBase> take)
    {
        var nearest = candidates.Where(one => !candidates.Exists(other => other.Taken != one.Taken && one.Taken.IsAssignableFrom(other.Taken))).ToList();
        if (nearest is not [var only])
        {
            _problems.Add($"{string.Join(" and ", nearest.Select(one => Name(one.Method)))} both take a {TypeName.Of(type)}, so that nobody can tell which is meant. Leave one of them, or add one for {TypeName.Of(type)} alone.");
            return;
        }

        if (only.Method.GetParameters().Any(parameter => EnvelopeOf(parameter.ParameterType) is { } wrapped && wrapped != type))
        {
            _problems.Add($"{Name(only.Method)} takes the events of derived types in an envelope of {TypeName.Of(only.Taken)}. Take Event<{TypeName.Of(type)}>, or {TypeName.Of(only.Taken)} itself.");
            return;
        }

        take(MethodsFor(type), only.Method);
    }

    private EventMethods MethodsFor(Type type)
    {
        if (!_events.TryGetValue(type.FullName!, out var found))
        {
            found = (type, new EventMethods());
            _events.Add(type.FullName!, found);
        }

        return found.Methods;
    }

    /// <summary>A constructor that takes an event makes the aggregate where no method Create does.</summary>
    private void FindConstructors()
    {
        foreach (var constructor in _aggregate.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(constructor => !constructor.IsPrivate && !_aggregate.IsAbstract))
        {
            if (constructor.GetParameters() is [var only] && (EnvelopeOf(only.ParameterType) ?? only.ParameterType) is var type && _types.Contains(type))
            {
                MethodsFor(type).Create ??= constructor;
            }
        }
    }

    /// <summary>The type of the events that a method takes, or <c>null</c> where it takes none.</summary>
    private Type? EventTakenBy(MethodInfo method)
    {
        var parameters = method.GetParameters();
        if (parameters.Any(parameter => parameter.ParameterType.IsByRef || IsSimple(parameter.ParameterType)))
        {
            return null;
        }

        if (parameters.Select(parameter => EnvelopeOf(parameter.ParameterType)).OfType<Type>().FirstOrDefault() is { } wrapped)
        {
            return wrapped;
        }

        var possible = parameters.Where(parameter => parameter.ParameterType != _aggregate && parameter.ParameterType != typeof(CancellationToken) && !ForeignEnvelope.Is(parameter.ParameterType)).ToList();
        return (possible.Find(parameter => _types.Contains(parameter.ParameterType)) ?? possible.Find(parameter => TypesOf(parameter.ParameterType).Any()) ?? (possible is [var only] ? only : null))?.ParameterType;
    }

    /// <summary>The event types that a parameter of a type takes.</summary>
    private IEnumerable<Type> TypesOf(Type taken) => _types.Contains(taken) ? [taken] : taken == typeof(object) ? [] : _types.Where(taken.IsAssignableFrom);

    private string? ProblemOfCreate(MethodInfo method) =>
        !method.IsStatic ? "makes the aggregate, but is not static. Make it static."
        : Asynchronous(method) ?? (_aggregate.IsAssignableFrom(method.ReturnType) ? null : $"takes an event, but returns {TypeName.Of(method.ReturnType)} in place of {TypeName.Of(_aggregate)}. Return the aggregate, or give it another name.");

    private string? ProblemOfApply(MethodInfo method) =>
        method.IsStatic && !method.GetParameters().Any(parameter => parameter.ParameterType == _aggregate) ? $"is static, but takes no {TypeName.Of(_aggregate)} to apply the event to. Add the parameter."
        : Asynchronous(method) ?? (method.ReturnType == typeof(void) || _aggregate.IsAssignableFrom(method.ReturnType) ? null : $"returns {TypeName.Of(method.ReturnType)}. Change the aggregate and return nothing, or return another {TypeName.Of(_aggregate)}.");

    private static string? ProblemOfShouldDelete(MethodInfo method) =>
        Asynchronous(method) ?? (method.ReturnType == typeof(bool) ? null : $"returns {TypeName.Of(method.ReturnType)}. Return a bool.");

    private static string? Asynchronous(MethodInfo method) =>
        typeof(Task).IsAssignableFrom(method.ReturnType) || method.ReturnType.Name is "ValueTask" or "ValueTask`1" ? "is asynchronous. A fold is pure: it has nothing to wait for." : null;

    private string? ProblemOfParameters(MethodInfo method, Type taken)
    {
        var other = method.GetParameters().Select(parameter => parameter.ParameterType).FirstOrDefault(type =>
            type != taken && (type != _aggregate || method.Name == "Create") && EnvelopeOf(type) != taken && !(ForeignEnvelope.Is(type) && ForeignEnvelope.EventOf(type) is null));
        return other is null ? null : $"asks for {TypeName.Of(other)} beside the event. A fold is pure: it has the event, what was stored with it, and the aggregate.";
    }

    /// <summary>The type of the event that an envelope carries, or <c>null</c> for any other type.</summary>
    private static Type? EnvelopeOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Event<>) ? type.GetGenericArguments()[0]
        : ForeignEnvelope.Is(type) ? ForeignEnvelope.EventOf(type)
        : null;

    private static bool IsSimple(Type type) =>
        Nullable.GetUnderlyingType(type) is not null || type.IsPrimitive || type.IsEnum || type.IsPointer
        || type == typeof(string) || type == typeof(Guid) || type == typeof(decimal) || type == typeof(DateTime) || type == typeof(DateTimeOffset)
        || type == typeof(DateOnly) || type == typeof(TimeOnly) || type == typeof(TimeSpan);

    private static bool IsIgnored(MethodInfo method) =>
        method.GetCustomAttributesData().Any(attribute => attribute.AttributeType.Name is "JasperFxIgnoreAttribute" or "MartenIgnoreAttribute");

    private string Name(MethodBase method) => $"{TypeName.Of(_aggregate)}.{Signature(method)}";

    private static string Signature(MethodBase method) => $"{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => TypeName.Of(parameter.ParameterType)))})";
}
