using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Projections.Definitions;

namespace Projections.Tables;

/// <summary>
/// Looks whether a document comes back from its JSON as it was: a row may be written and loaded again after any event, and must not
/// differ for it. What is marked <c>[JsonIgnore]</c> is taken to be no state.
/// </summary>
internal sealed class DocumentShape
{
    private readonly HashSet<Type> _seen = [];
    private readonly List<string> _losses = [];

    private DocumentShape()
    {
    }

    /// <returns>What the JSON would lose, a sentence or two each; empty when it keeps everything.</returns>
    public static IReadOnlyList<string> FindLosses(JsonTypeInfo document)
    {
        var shape = new DocumentShape();
        shape.Look(document);
        return shape._losses;
    }

    private void Look(JsonTypeInfo shape)
    {
        if (!_seen.Add(shape.Type))
        {
            return;
        }

        foreach (var part in new[] { shape.ElementType, shape.KeyType }.OfType<Type>())
        {
            Look(shape.Options.GetTypeInfo(part));
        }

        if (shape.Kind == JsonTypeInfoKind.Object)
        {
            LookAtMembers(shape);
        }
        else if (shape.Type == typeof(object))
        {
            _losses.Add("a member or item is of type object, which comes back as a JsonElement. Name its class.");
        }

        foreach (var derived in shape.PolymorphismOptions?.DerivedTypes ?? [])
        {
            Look(shape.Options.GetTypeInfo(derived.DerivedType));
        }
    }

    private void LookAtMembers(JsonTypeInfo shape)
    {
        var name = TypeName.Of(shape.Type);
        if (shape is { CreateObject: null, PolymorphismOptions: null } && !shape.Properties.Any(member => member.AssociatedParameter is not null))
        {
            _losses.Add($"{name} cannot be made from its JSON. Give it a constructor without parameters, or mark the one that takes its members with [JsonConstructor].");
        }

        var kept = shape.Properties.Where(member => member.Get is not null && (member.Set ?? (object?)member.AssociatedParameter) is not null).ToList();
        foreach (var field in FieldsOf(shape.Type).Where(field => !IsIgnored(field) && !kept.Exists(member => Keeps(member, field))))
        {
            _losses.Add($"{name} keeps {MemberOf(field)}, which its JSON does not have or does not give back. Make it a property with a setter, or mark it [JsonInclude], or [JsonIgnore] if no event depends on it.");
        }

        foreach (var member in kept.Where(member => member.CustomConverter is null))
        {
            Look(shape.Options.GetTypeInfo(member.PropertyType));
        }
    }

    private static bool Keeps(JsonPropertyInfo member, FieldInfo field) =>
        member.AttributeProvider is not MemberInfo declared || declared.Name == field.Name || declared.Name == PropertyOf(field);

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            foreach (var field in level.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                yield return field;
            }
        }
    }

    private static bool IsIgnored(FieldInfo field) =>
        IsAlwaysIgnored(field) || (PropertyOf(field) is { } property && IsAlwaysIgnored(field.DeclaringType!.GetProperty(property, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)));

    private static bool IsAlwaysIgnored(MemberInfo? member) => member?.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always };

    private static string MemberOf(FieldInfo field) => PropertyOf(field) is { } property ? $"the property {property}" : $"the field {field.Name}";

    /// <summary>The property that the compiler made a field for, or <c>null</c>.</summary>
    private static string? PropertyOf(FieldInfo field) =>
        field.IsDefined(typeof(CompilerGeneratedAttribute)) && field.Name is ['<', .. var rest] && rest.IndexOf('>', StringComparison.Ordinal) is > 0 and var end ? rest[..end] : null;
}
