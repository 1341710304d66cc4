using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Projections.Events;

/// <summary>
/// Data without its values, which may be about people: which members it has and of what kind they are, which is mostly what is wrong with it. Whoever needs the values
/// asks for them by a command, which stands in the history.
/// </summary>
internal static class HiddenData
{
    /// <summary>Of JSON.</summary>
    [return: NotNullIfNotNull(nameof(json))]
    public static string? Of(string? json) => json is null ? null : Of(Encoding.UTF8.GetBytes(json));

    /// <summary>Of a value as PostgreSQL writes it.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public static string? OfText(string? value) => value is null ? null : string.Create(CultureInfo.InvariantCulture, $"text of {value.Length}");

    public static string Of(ReadOnlyMemory<byte> data)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            using var shape = new MemoryStream();
            using (var writer = new Utf8JsonWriter(shape))
            {
                Write(writer, document.RootElement);
            }

            return Encoding.UTF8.GetString(shape.ToArray());
        }
        catch (JsonException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"({data.Length} bytes that are no JSON)");
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteStringValue(KindOf(element));
                break;
        }
    }

    private static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => OfText(value.GetString()!),
        JsonValueKind.Number => "number",
        _ => "true or false",
    };
}
