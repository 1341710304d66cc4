using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Projections.Events;

/// <summary>
/// What decoding makes of an event type's JSON, in a text that is the same for the same declaration whatever compiled it: members by their
/// names in the JSON, their types, defaults and converters, and the options that bear on reading. C# names of classes do not count,
/// and neither does code.
/// </summary>
internal sealed class EventContract
{
    private readonly JsonSerializerOptions _options;
    private readonly Dictionary<Type, int> _seen = [];

    private EventContract(JsonSerializerOptions options) => _options = options;

    public static string Describe(JsonTypeInfo shape)
    {
        var options = shape.Options;
        var converters = options.Converters.Select(converter => Name(converter.GetType()));
        return FormattableString.Invariant(
            $"{new EventContract(options).Of(shape.Type)} any-case={options.PropertyNameCaseInsensitive} numbers={options.NumberHandling} unmapped={options.UnmappedMemberHandling} creation={options.PreferredObjectCreationHandling} converters=[{string.Join(", ", converters)}]");
    }

    private string Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return $"{Of(inner)}?";
        }

        var converter = ConverterOf(type);
        if (type.IsEnum)
        {
            return $"enum {{{string.Join(", ", Enum.GetNames(type).Select(name => $"{name}={Enum.Format(type, Enum.Parse(type, name), "d")}"))}}}{By(converter)}";
        }

        if (converter is not null)
        {
            return $"{Name(type)}{By(converter)}";
        }

        return _options.TryGetTypeInfo(type, out var shape) ? Of(shape) : Name(type);
    }

    private string Of(JsonTypeInfo shape)
    {
        switch (shape.Kind)
        {
            case JsonTypeInfoKind.Enumerable when shape.ElementType is { } element:
                return $"[{Of(element)}]";
            case JsonTypeInfoKind.Dictionary when shape.ElementType is { } element:
                return $"{{{(shape.KeyType is { } key ? Of(key) : "")}: {Of(element)}}}";
            case JsonTypeInfoKind.Object when !_seen.TryAdd(shape.Type, _seen.Count):
                return $"#{_seen[shape.Type]}";
            case JsonTypeInfoKind.Object:
                var members = shape.Properties.OrderBy(member => member.Name, StringComparer.Ordinal).Select(Of);
                return $"{{{string.Join(", ", members.Concat(DerivedOf(shape)))}}}";
            default:
                return Name(shape.Type);
        }
    }

    private string Of(JsonPropertyInfo member)
    {
        var converter = ConverterOf(member.AttributeProvider);
        var standard = member.AssociatedParameter is { HasDefaultValue: true } parameter
            ? $" = {Convert.ToString(parameter.DefaultValue, CultureInfo.InvariantCulture) ?? "null"}"
            : "";
        return $"{member.Name}{(member.IsRequired ? "!" : "")}{(member.IsSetNullable ? "?" : "")}{(member.IsExtensionData ? "*" : "")}: "
            + $"{(converter is null ? Of(member.PropertyType) : $"{Name(member.PropertyType)}{By(converter)}")}{(member.NumberHandling is { } numbers ? $" {numbers}" : "")}{standard}";
    }

    private IEnumerable<string> DerivedOf(JsonTypeInfo shape) =>
        shape.PolymorphismOptions is { } options
            ? options.DerivedTypes
                .Select(derived => $"{options.TypeDiscriminatorPropertyName}={Convert.ToString(derived.TypeDiscriminator, CultureInfo.InvariantCulture)}: {Of(derived.DerivedType)}")
                .Order(StringComparer.Ordinal)
            : [];

    private static string? ConverterOf(ICustomAttributeProvider? declared) =>
        declared?.GetCustomAttributes(typeof(JsonConverterAttribute), inherit: true) is [JsonConverterAttribute attribute, ..]
            ? Name(attribute.ConverterType ?? attribute.GetType())
            : null;

    private static string By(string? converter) => converter is null ? "" : $" by {converter}";

    /// <summary>A type's name with its namespace and those of its arguments, without the versions of assemblies.</summary>
    private static string Name(Type type) => type switch
    {
        { IsArray: true } => $"{Name(type.GetElementType()!)}[]",
        { IsGenericType: true } => $"{type.GetGenericTypeDefinition().FullName}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>",
        _ => type.FullName ?? type.Name,
    };
}
