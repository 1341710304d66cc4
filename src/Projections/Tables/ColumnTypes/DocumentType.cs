using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>
/// Objects in a column of type <c>jsonb</c> or <c>json</c>. They are folded as objects, changed in place or replaced, and become JSON
/// once a write, however many events changed them.
/// </summary>
internal sealed class DocumentType<T>(JsonTypeInfo<T> shape, bool binary) : ColumnType<T>, IDocumentType
{
    // What an object takes beside what is in its JSON: headers, references, room to grow, two bytes a character.
    private const int HeapBytesPerJsonByte = 3;

    public override string Name => binary ? "jsonb" : "json";

    public override NpgsqlDbType DbType => binary ? NpgsqlDbType.Jsonb : NpgsqlDbType.Json;

    public JsonTypeInfo Shape => shape;

    public override bool IsMutable => true;

    public override int HeapBytes(T value) => HeapBytesPerJsonByte * Json(value).Length;

    public override T Copy(T value) => JsonSerializer.Deserialize(Json(value), shape)!;

    public override void Inspect(T value)
    {
        var reader = new Utf8JsonReader(Json(value), new JsonReaderOptions { MaxDepth = shape.Options.MaxDepth });
        StorableText.CheckJson(ref reader, binary);
    }

    // jsonb's binary form is the number of its format and then the text.
    public override void Write(CopyBuffer buffer, T value)
    {
        var start = buffer.BeginValue();
        buffer.Raw(binary ? [1] : []);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = shape.Options.Encoder, SkipValidation = true }))
        {
            Serialize(writer, value);
        }

        buffer.EndValue(start);
    }

    public override T Read(NpgsqlDataReader reader, int ordinal) => JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(ordinal), shape)!;

    public override object Parameter(T value) => Json(value);

    public override Array Parameters(T[] values) => Array.ConvertAll(values, value => value is null ? null : Encoding.UTF8.GetString(Json(value)));

    public override void WriteJson(Utf8JsonWriter json, T value) => Serialize(json, value);

    private byte[] Json(T value)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = shape.Options.Encoder, SkipValidation = true }))
        {
            Serialize(writer, value);
        }

        return json.WrittenSpan.ToArray();
    }

    private void Serialize(Utf8JsonWriter writer, T value)
    {
        try
        {
            JsonSerializer.Serialize(writer, value, shape);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new UnstorableValue($"a {TypeName.Of(typeof(T))} cannot be written as JSON: {error.Message}");
        }
    }
}

/// <summary>A document, whatever its class is.</summary>
internal interface IDocumentType
{
    JsonTypeInfo Shape { get; }
}
