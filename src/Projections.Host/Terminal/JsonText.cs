using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Host.Terminal;

/// <summary>How answers are written as JSON: camel case, positions and names as the strings that people are shown.</summary>
internal static class JsonText
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // The output is not put into a web page; umlauts and arrows stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new AsText<EventPosition>(), new AsText<ProjectionName>() },
    };

    private sealed class AsText<T> : JsonConverter<T>
        where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
