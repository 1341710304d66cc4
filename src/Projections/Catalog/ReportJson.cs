using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Catalog;

/// <summary>How commands are read from JSON, and reports written: camel case, positions and names as the strings that people are shown.</summary>
internal static class ReportJson
{
    /// <summary>Adds what reports need to options that begin as <see cref="JsonSerializerDefaults.Web"/>.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower));
        options.Converters.Add(new AsText<EventPosition>(EventPosition.TryParse, "a position such as 561400, 8812/8790 or start"));
        options.Converters.Add(new AsText<ProjectionName>(TryParse, "the name of a projection"));
    }

    private delegate bool Parse<T>(string text, out T value);

    private static bool TryParse(string text, out ProjectionName name)
    {
        name = ProjectionName.IsValid(text) ? new ProjectionName(text) : default;
        return name != default;
    }

    private sealed class AsText<T>(Parse<T> parse, string expected) : JsonConverter<T>
        where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && parse(reader.GetString()!, out var value) ? value : throw new JsonException($"Expected is {expected}.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
