using System.Text.Json;
using NpgsqlTypes;

namespace Projections.Tables.ColumnTypes;

internal sealed class SmallIntType : ColumnType<short>
{
    public override string Name => "smallint";

    public override NpgsqlDbType DbType => NpgsqlDbType.Smallint;

    public override int Oid => 21;

    public override void Write(CopyBuffer buffer, short value) => buffer.Int16(value);

    public override void WriteJson(Utf8JsonWriter json, short value) => json.WriteNumberValue(value);
}

internal sealed class IntegerType : ColumnType<int>
{
    public override string Name => "integer";

    public override NpgsqlDbType DbType => NpgsqlDbType.Integer;

    public override int Oid => 23;

    public override void Write(CopyBuffer buffer, int value) => buffer.Int32(value);

    public override void WriteJson(Utf8JsonWriter json, int value) => json.WriteNumberValue(value);
}

internal sealed class BigIntType : ColumnType<long>
{
    public override string Name => "bigint";

    public override NpgsqlDbType DbType => NpgsqlDbType.Bigint;

    public override int Oid => 20;

    public override void Write(CopyBuffer buffer, long value) => buffer.Int64(value);

    public override void WriteJson(Utf8JsonWriter json, long value) => json.WriteNumberValue(value);
}

internal sealed class RealType : ColumnType<float>
{
    public override string Name => "real";

    public override NpgsqlDbType DbType => NpgsqlDbType.Real;

    public override int Oid => 700;

    public override void Write(CopyBuffer buffer, float value) => buffer.Single(value);

    public override void WriteJson(Utf8JsonWriter json, float value)
    {
        if (float.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(NotFinite.Text(value));
        }
    }
}

internal sealed class DoubleType : ColumnType<double>
{
    public override string Name => "double precision";

    public override NpgsqlDbType DbType => NpgsqlDbType.Double;

    public override int Oid => 701;

    public override void Write(CopyBuffer buffer, double value) => buffer.Double(value);

    public override void WriteJson(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(NotFinite.Text(value));
        }
    }
}

/// <summary>A number that JSON has no number for, as PostgreSQL has it.</summary>
file static class NotFinite
{
    public static string Text(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

internal sealed class BooleanType : ColumnType<bool>
{
    public override string Name => "boolean";

    public override NpgsqlDbType DbType => NpgsqlDbType.Boolean;

    public override int Oid => 16;

    public override void Write(CopyBuffer buffer, bool value) => buffer.Bool(value);

    public override void WriteJson(Utf8JsonWriter json, bool value) => json.WriteBooleanValue(value);
}

internal sealed class UuidType : ColumnType<Guid>
{
    public override string Name => "uuid";

    public override NpgsqlDbType DbType => NpgsqlDbType.Uuid;

    public override int Oid => 2950;

    public override void Write(CopyBuffer buffer, Guid value) => buffer.Guid(value);

    public override void WriteJson(Utf8JsonWriter json, Guid value) => json.WriteStringValue(value);
}
