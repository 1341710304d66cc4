using System.Globalization;
using System.Text.Json;
using NpgsqlTypes;
using Projections.Definitions;

namespace Projections.Tables.ColumnTypes;

/// <summary>
/// Decimals. With a precision and scale they are rounded as PostgreSQL rounds, half away from zero, after each event and
/// not only when they are written: else a sum would depend on how often its row was written.
/// </summary>
internal sealed class NumericType : ColumnType<decimal>
{
    private readonly int _scale;
    private readonly decimal _limit;
    private readonly decimal _zero;

    public NumericType() => Name = "numeric";

    /// <param name="precision">All digits, up to 28: a decimal has no more.</param>
    /// <param name="scale">Digits after the point.</param>
    public NumericType(int precision, int scale)
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"numeric({precision},{scale})");
        Settles = true;
        _scale = scale;
        _zero = new decimal(0, 0, 0, isNegative: false, (byte)scale);
        _limit = 1;
        for (var digit = scale; digit < precision; digit++)
        {
            _limit *= 10;
        }
    }

    public override string Name { get; }

    public override NpgsqlDbType DbType => NpgsqlDbType.Numeric;

    public override int Oid => 1700;

    public override bool Settles { get; }

    public override decimal Settle(decimal value)
    {
        if (!Settles)
        {
            return value;
        }

        // A value with fewer decimal places gets them all, as the column would give it back: 5 becomes 5.00.
        var rounded = value.Scale <= _scale ? value + _zero : Math.Round(value, _scale, MidpointRounding.AwayFromZero);
        return rounded < _limit && rounded > -_limit
            ? rounded
            : throw new UnstorableValue(string.Create(CultureInfo.InvariantCulture, $"{value} does not fit {Name}"));
    }

    /// <summary>
    /// PostgreSQL keeps digits in base 10000, the first of weight 10000^weight, and the number of decimal places beside them.
    /// </summary>
    public override void Write(CopyBuffer buffer, decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var scale = value.Scale;
        var mantissa = new UInt128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);

        // Shifted so that the point falls between two base 10000 digits.
        var shift = (4 - (scale & 3)) & 3;
        Span<short> digits = stackalloc short[10];
        var count = mantissa <= ulong.MaxValue / 1000
            ? Split((ulong)mantissa * Power(shift), digits)
            : Split(mantissa * Power(shift), digits);
        var fraction = (scale + 3) / 4;

        // Least significant first: zeros at that end are not sent.
        var skipped = 0;
        while (skipped < count && digits[skipped] == 0)
        {
            skipped++;
        }

        var sent = count - skipped;
        var start = buffer.BeginValue();
        buffer.RawInt16((short)sent);
        buffer.RawInt16((short)(sent == 0 ? 0 : count - fraction - 1));
        buffer.RawInt16(value < 0 ? (short)0x4000 : (short)0);
        buffer.RawInt16((short)scale);
        for (var digit = count - 1; digit >= skipped; digit--)
        {
            buffer.RawInt16(digits[digit]);
        }

        buffer.EndValue(start);
    }

    public override void WriteJson(Utf8JsonWriter json, decimal value) => json.WriteNumberValue(value);

    private static uint Power(int shift) => shift switch { 0 => 1, 1 => 10, 2 => 100, _ => 1000 };

    private static int Split(ulong value, Span<short> digits)
    {
        var count = 0;
        for (; value != 0; value /= 10000)
        {
            digits[count++] = (short)(value % 10000);
        }

        return count;
    }

    private static int Split(UInt128 value, Span<short> digits)
    {
        var count = 0;
        for (; value != 0; value /= 10000)
        {
            digits[count++] = (short)(uint)(value % 10000);
        }

        return count;
    }
}
