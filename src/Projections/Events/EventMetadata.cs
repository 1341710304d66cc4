using System.Text;
using System.Text.Json;

namespace Projections.Events;

/// <summary>Finds a single value in an event's metadata without building a document of the rest.</summary>
public static class EventMetadata
{
    /// <summary>The value, a string as it is and anything else as its JSON text; <c>null</c> when there is none.</summary>
    /// <exception cref="JsonException">The metadata is no JSON.</exception>
    public static string? Find(ReadOnlySpan<byte> metadata, string name)
    {
        if (metadata.IsEmpty)
        {
            return null;
        }

        var reader = new Utf8JsonReader(metadata);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return Value(ref reader, metadata);
            }

            reader.Skip();
        }

        return null;
    }

    private static string? Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> metadata)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String:
                return reader.GetString();
            default:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                return Encoding.UTF8.GetString(metadata[start..(int)reader.BytesConsumed]);
        }
    }
}
