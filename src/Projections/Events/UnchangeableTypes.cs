using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;

namespace Projections.Events;

/// <summary>
/// Tells the classes of which nothing can be changed once an object is made: several may have the same object, whatever they do with it. A
/// record of values and texts is one; what has a setter, an array or a list in it is none, since a row may have taken that for its own.
/// </summary>
internal static class UnchangeableTypes
{
    private static readonly HashSet<Type> Values =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Uri),
    ];

    private static readonly HashSet<Type> Collections =
    [
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>),
        typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IEnumerable<>), typeof(IReadOnlyDictionary<,>), typeof(IReadOnlySet<>),
    ];

    // Which class an object is of is known only where neither JSON nor code chooses it.
    private static readonly Type[] Choices = [typeof(JsonDerivedTypeAttribute), typeof(JsonPolymorphicAttribute), typeof(JsonConverterAttribute)];

    private static readonly ConcurrentDictionary<Type, bool> Known = new();

    public static bool Has(Type type) => Known.GetOrAdd(type, static asked => Has(asked, []));

    // What contains itself is as good as its other parts.
    private static bool Has(Type type, HashSet<Type> seen)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsPrimitive || type.IsEnum || Values.Contains(type) || !seen.Add(type))
        {
            return true;
        }

        return type.IsGenericType && Collections.Contains(type.GetGenericTypeDefinition())
            ? type.GetGenericArguments().All(part => Has(part, seen))
            : IsOwn(type) && FieldsOf(type).All(field => IsFixed(field) && Has(field.FieldType, seen));
    }

    private static bool IsOwn(Type type) =>
        type is { IsArray: false, IsInterface: false, IsAbstract: false, IsPointer: false }
        && type.Assembly != typeof(object).Assembly
        && !typeof(Delegate).IsAssignableFrom(type)
        && !Choices.Any(choice => type.IsDefined(choice, inherit: false));

    // A field of a struct is in a copy of whoever reads it.
    private static bool IsFixed(FieldInfo field) => field.IsInitOnly || field.DeclaringType!.IsValueType;

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var one = type; one is not null && one != typeof(object); one = one.BaseType)
        {
            foreach (var field in one.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                yield return field;
            }
        }
    }
}
