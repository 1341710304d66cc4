using System.Text;
using System.Text.Json;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>JSON texts in a column of type <c>json</c>, which keeps them as they are, or <c>jsonb</c>, which does not.</summary>
internal sealed class JsonType(bool binary) : ColumnType<string>
{
    // PostgreSQL's own limit is its stack; this is far beyond what anybody nests.
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 1_000 };

    public override string Name => binary ? "jsonb" : "json";

    public override NpgsqlDbType DbType => binary ? NpgsqlDbType.Jsonb : NpgsqlDbType.Json;

    public override bool Settles => true;

    public override int HeapBytes(string value) => 22 + (2 * value.Length);

    /// <summary>The text as it is, proved to be JSON: the event that brought it is to blame, not the write later on.</summary>
    public override string Settle(string value)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(value), Deep);
            StorableText.CheckJson(ref reader, binary);
            return value;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new UnstorableValue($"a text that is no JSON cannot be kept in a column of type {Name}: {error.Message}");
        }
    }

    // jsonb's binary form is the number of its format and then the text.
    public override void Write(CopyBuffer buffer, string value) => buffer.Text(value, binary ? [1] : default);

    // Line breaks between its parts are left out: a row is one line.
    public override void WriteJson(Utf8JsonWriter json, string value)
    {
        using var document = JsonDocument.Parse(value, new JsonDocumentOptions { MaxDepth = Deep.MaxDepth });
        document.WriteTo(json);
    }
}
