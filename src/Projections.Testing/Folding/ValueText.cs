using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace Projections.Testing.Folding;

/// <summary>A column's value as a text: the same for the same value, another for another, in every culture and process.</summary>
internal static class ValueText
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a value.</summary>
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => JsonSerializer.Serialize(text, Readable),
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("O", CultureInfo.InvariantCulture),
        byte[] bytes => $"\\x{Convert.ToHexStringLower(bytes)}",
        Enum named => named.ToString(),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        Array items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => JsonSerializer.Serialize(value, value.GetType(), Readable),
    };

    /// <summary>The parts of a key, as a person would name it.</summary>
    public static string OfKey(IEnumerable parts) => string.Join(", ", parts.Cast<object?>().Select(Of));
}
