using System.Globalization;
using System.Text;
using System.Text.Json;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>Strings, with or without a greatest length in characters.</summary>
internal sealed class TextType : ColumnType<string>
{
    private readonly int _longest;

    public TextType(string name = "text") => (Name, _longest) = (name, int.MaxValue);

    public TextType(int longest)
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"character varying({longest})");
        _longest = longest;
    }

    public override string Name { get; }

    public override NpgsqlDbType DbType => Name == "citext" ? NpgsqlDbType.Citext : NpgsqlDbType.Text;

    public override int Oid => 25;

    public override bool Settles => _longest != int.MaxValue;

    public override int HeapBytes(string value) => 22 + (2 * value.Length);

    public override string Settle(string value) => value.Length <= _longest || CharactersOf(value) <= _longest
        ? value
        : throw new UnstorableValue($"a text of {CharactersOf(value)} characters does not fit {Name}");

    public override void Inspect(string value) => StorableText.Check(value);

    public override void Write(CopyBuffer buffer, string value) => buffer.Text(value);

    public override void WriteJson(Utf8JsonWriter json, string value) => json.WriteStringValue(value);

    // Half a surrogate pair, left by a handler that cut a text, is sent as COPY sends it: replaced, where the driver would refuse it.
    public override object Parameter(string value) => WithoutHalves(value);

    public override Array Parameters(string[] values) => Array.ConvertAll(values, value => value is null ? null : WithoutHalves(value));

    private static string WithoutHalves(string value) =>
        value.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0 ? value : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value));

    /// <summary>PostgreSQL counts code points, not UTF-16 units.</summary>
    private static int CharactersOf(string value)
    {
        var count = 0;
        foreach (var _ in value.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
