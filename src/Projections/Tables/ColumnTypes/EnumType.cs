using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>Enum members by their names, as text.</summary>
internal sealed class EnumType<T> : ColumnType<T>
    where T : struct, Enum
{
    private readonly Dictionary<T, string> _names = [];
    private readonly Dictionary<string, T> _values = new(StringComparer.Ordinal);

    public EnumType()
    {
        foreach (var name in Enum.GetNames<T>())
        {
            var value = Enum.Parse<T>(name);
            _names.TryAdd(value, name);
            _values.Add(name, value);
        }
    }

    public override string Name => "text";

    public override NpgsqlDbType DbType => NpgsqlDbType.Text;

    public override bool Settles => true;

    public override T Settle(T value) => _names.ContainsKey(value) ? value : throw Unknown(value);

    public override void Write(CopyBuffer buffer, T value) => buffer.Text(NameOf(value));

    public override void WriteJson(Utf8JsonWriter json, T value) => json.WriteStringValue(NameOf(value));

    public override T Read(NpgsqlDataReader reader, int ordinal)
    {
        var name = reader.GetString(ordinal);
        return _values.TryGetValue(name, out var value)
            ? value
            : throw new UnstorableValue($"the table holds '{name}', which is no member of {typeof(T).Name}; somebody else wrote it, or the member was renamed: make a new version");
    }

    public override object Parameter(T value) => NameOf(value);

    public override Array Parameters(T[] values) => Array.ConvertAll(values, NameOf);

    private string NameOf(T value) => _names.TryGetValue(value, out var name) ? name : throw Unknown(value);

    private static UnstorableValue Unknown(T value) => new($"{value:D} is no member of {typeof(T).Name}");
}
