using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Projections.Tables.ColumnTypes;

/// <summary>A value type that may be missing. NULL itself is dealt with by the column.</summary>
internal sealed class NullableType<T>(ColumnType<T> inner) : ColumnType<T?>
    where T : struct
{
    // What the driver takes in a value's place may be of another type, as the name of an enum's member is.
    private readonly Func<T?[], Array> _parameters = inner.Parameters([]) switch
    {
        string[] => values => Array.ConvertAll(values, value => value is { } there ? (string)inner.Parameter(there) : null),
        DateTime[] => values => Array.ConvertAll(values, value => value is { } there ? (DateTime)inner.Parameter(there) : (DateTime?)null),
        _ => values => values,
    };

    public override string Name => inner.Name;

    public override NpgsqlDbType DbType => inner.DbType;

    public override bool Settles => inner.Settles;

    public override T? Settle(T? value) => inner.Settle(value!.Value);

    public override void Write(CopyBuffer buffer, T? value) => inner.Write(buffer, value!.Value);

    public override void WriteJson(Utf8JsonWriter json, T? value) => inner.WriteJson(json, value!.Value);

    public override T? Read(NpgsqlDataReader reader, int ordinal) => inner.Read(reader, ordinal);

    public override object Parameter(T? value) => inner.Parameter(value!.Value);

    public override Array Parameters(T?[] values) => _parameters(values);
}
