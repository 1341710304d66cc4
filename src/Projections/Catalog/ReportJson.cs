using System.Text.Json;
using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Catalog;

/// <summary>How reports are written as JSON at every door: camel case, positions and names as the strings that people are shown.</summary>
public static class ReportJson
{
    /// <summary>Adds what reports need to options that begin as <see cref="JsonSerializerDefaults.Web"/>.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower));
        options.Converters.Add(new AsText<EventPosition>());
        options.Converters.Add(new AsText<ProjectionName>());
    }

    private sealed class AsText<T> : JsonConverter<T>
        where T : struct
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
