using System.Text.Json;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>PostgreSQL's texts hold every character but NUL.</summary>
internal static class StorableText
{
    public static void Check(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new UnstorableValue("a text with a NUL character cannot be stored in PostgreSQL");
        }
    }

    /// <summary>Reads JSON to its end. In <c>json</c> texts are never decoded, so that only <c>jsonb</c> minds what they hold.</summary>
    public static void CheckJson(ref Utf8JsonReader reader, bool binary)
    {
        while (reader.Read())
        {
            if (binary && reader.ValueIsEscaped)
            {
                Check(reader.GetString()!);
            }
        }
    }
}
