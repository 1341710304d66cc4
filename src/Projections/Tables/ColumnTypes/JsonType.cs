using NpgsqlTypes;

namespace Projections.Tables.ColumnTypes;

/// <summary>JSON texts in a column of type <c>json</c>, which keeps them as they are, or <c>jsonb</c>, which does not.</summary>
internal sealed class JsonType(bool binary) : ColumnType<string>
{
    public override string Name => binary ? "jsonb" : "json";

    public override NpgsqlDbType DbType => binary ? NpgsqlDbType.Jsonb : NpgsqlDbType.Json;

    public override int HeapBytes(string value) => 22 + (2 * value.Length);

    public override void Inspect(string value) => StorableText.Check(value);

    // jsonb's binary form is the number of its format and then the text.
    public override void Write(CopyBuffer buffer, string value) => buffer.Text(value, binary ? [1] : default);
}
