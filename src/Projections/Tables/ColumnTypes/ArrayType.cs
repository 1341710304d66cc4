using System.Text.Json;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>One-dimensional arrays without NULLs. A handler replaces an array; it never changes one in place.</summary>
internal sealed class ArrayType<T>(ColumnType<T> element) : ColumnType<T[]>
{
    private const int HasNoNulls = 0;
    private const int FirstIndex = 1;

    public override string Name => $"{element.Name}[]";

    public override NpgsqlDbType DbType => NpgsqlDbType.Array | element.DbType;

    public override bool Settles => element.Settles || default(T) is null;

    public override bool FitsArray => false;

    public override int HeapBytes(T[] value)
    {
        var bytes = 24 + (value.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
        foreach (var item in value)
        {
            bytes += element.HeapBytes(item);
        }

        return bytes;
    }

    public override T[] Settle(T[] value)
    {
        foreach (var item in value)
        {
            if (item is null)
            {
                throw new UnstorableValue("an array holds null");
            }
        }

        return element.Settles ? Array.ConvertAll(value, element.Settle) : value;
    }

    public override void Inspect(T[] value)
    {
        foreach (var item in value)
        {
            element.Inspect(item);
        }
    }

    public override void Write(CopyBuffer buffer, T[] value)
    {
        var start = buffer.BeginValue();
        buffer.RawInt32(value.Length == 0 ? 0 : 1);
        buffer.RawInt32(HasNoNulls);
        buffer.RawInt32(element.Oid);
        if (value.Length > 0)
        {
            buffer.RawInt32(value.Length);
            buffer.RawInt32(FirstIndex);
            foreach (var item in value)
            {
                element.Write(buffer, item);
            }
        }

        buffer.EndValue(start);
    }

    public override void WriteJson(Utf8JsonWriter json, T[] value)
    {
        json.WriteStartArray();
        foreach (var item in value)
        {
            element.WriteJson(json, item);
        }

        json.WriteEndArray();
    }
}
