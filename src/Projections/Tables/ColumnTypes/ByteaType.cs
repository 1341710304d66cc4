using System.Text.Json;
using NpgsqlTypes;

namespace Projections.Tables.ColumnTypes;

internal sealed class ByteaType : ColumnType<byte[]>
{
    public override string Name => "bytea";

    public override NpgsqlDbType DbType => NpgsqlDbType.Bytea;

    public override int HeapBytes(byte[] value) => 24 + value.Length;

    public override void Write(CopyBuffer buffer, byte[] value) => buffer.Bytes(value);

    public override void WriteJson(Utf8JsonWriter json, byte[] value) => json.WriteStringValue($"\\x{Convert.ToHexStringLower(value)}");
}
