using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Projections.Tables;

/// <summary>How documents become JSON.</summary>
internal static class DocumentJson
{
    /// <summary>
    /// Camel case, and classes as people write aggregates: a constructor or a setter that is not public does as well, and so does a
    /// property that has a getter alone.
    /// </summary>
    public static JsonSerializerOptions Default { get; } = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Open } },
    };

    /// <summary>The options of a version, and what <c>jsonb</c> asks for: it puts short names before long ones, so that the name of a class does not come first.</summary>
    public static JsonSerializerOptions Of(JsonSerializerOptions declared) => new(declared)
    {
        AllowOutOfOrderMetadataProperties = true,
        TypeInfoResolver = declared.TypeInfoResolver ?? Default.TypeInfoResolver,
    };

    private static void Open(JsonTypeInfo shape)
    {
        if (shape.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        if (shape.CreateObject is null && !shape.Type.IsAbstract && !shape.Properties.Any(member => member.AssociatedParameter is not null)
            && shape.Type.GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, []) is { } constructor)
        {
            shape.CreateObject = () => constructor.Invoke(null);
        }

        foreach (var member in shape.Properties.Where(member => member is { Get: not null, Set: null, AssociatedParameter: null }))
        {
            member.Set = SetterOf(member.AttributeProvider as PropertyInfo);
        }
    }

    private static Action<object, object?>? SetterOf(PropertyInfo? property)
    {
        if (property?.SetMethod is not null)
        {
            return property.SetValue;
        }

        var field = property?.DeclaringType?.GetField($"<{property.Name}>k__BackingField", BindingFlags.Instance | BindingFlags.NonPublic);
        return field is null ? null : field.SetValue;
    }
}
