using System.Reflection;

namespace Projections.Tests.Tables;

/// <summary>Rows of <see cref="EveryType"/> and <see cref="EveryScalar"/>: the ends of what each type can hold, and much between them.</summary>
internal static class EveryTypeSamples
{
    private static readonly DateTime Noon = new(2024, 2, 29, 12, 30, 45, DateTimeKind.Utc);

    private static readonly Dictionary<Type, Array> Values = new()
    {
        [typeof(short)] = new short[] { 0, 1, -1, short.MinValue, short.MaxValue },
        [typeof(int)] = new[] { 0, 1, -1, int.MinValue, int.MaxValue },
        [typeof(long)] = new[] { 0, 1, -1, long.MinValue, long.MaxValue },
        [typeof(float)] = new[] { 0f, 1.5f, -0.1f, float.MinValue, float.MaxValue, float.Epsilon, float.NaN, float.PositiveInfinity },
        [typeof(double)] = new[] { 0, 1.5, -0.1, double.MinValue, double.MaxValue, double.Epsilon, double.NaN, double.NegativeInfinity },
        [typeof(decimal)] = new[]
        {
            0m, 0.00m, 1m, -1m, 1.10m, 0.1m, 0.0001m, 0.00012m, 9999m, 10000m, 10001m, 99990000m, 123456789.987654321m, -0.5m, 100000000m, 1e20m,
            decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m, 7.9228162514264337593543950335m, 79228162514264.337593543950335m,
            18446744073709551.615m, 18446744073709551615m, 18446744073709551616m,
        },
        [typeof(bool)] = new[] { false, true },
        [typeof(Guid)] = new[] { Guid.Empty, new Guid("00112233-4455-6677-8899-aabbccddeeff") },
        [typeof(string)] = new[] { "", "x", "żółć 東京 🚂", "tab\tquote\"backslash\\newline\n", "{not an array}", "null", new string('y', 30_000) },
        [typeof(DateTime)] = new[] { Noon, Noon.AddTicks(10), DateTime.MinValue, DateTime.MaxValue, new(1, 1, 1, 0, 0, 1, DateTimeKind.Utc), new(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc), new(1999, 12, 31, 23, 59, 59, 999, DateTimeKind.Utc) },
        [typeof(DateTimeOffset)] = new DateTimeOffset[] { new(Noon), DateTimeOffset.MinValue, DateTimeOffset.MaxValue, new(Noon.AddYears(-500)), new(Noon.AddTicks(9_999_990)) },
        [typeof(DateOnly)] = new DateOnly[] { new(2000, 1, 1), new(1999, 12, 31), new(2, 1, 1), new(9999, 12, 30), DateOnly.MinValue, DateOnly.MaxValue },
        [typeof(TimeSpan)] = new[] { TimeSpan.Zero, TimeSpan.FromMicroseconds(1), TimeSpan.FromDays(-3.25), TimeSpan.FromHours(23), TimeSpan.FromDays(10_000_000), TimeSpan.FromDays(-10_000_000) },
        [typeof(byte[])] = new byte[][] { [], [0], [255, 0, 1, 92, 39] },
        [typeof(Colour)] = new[] { Colour.Red, Colour.Green, Colour.DeepBlue },
    };

    private static readonly string[] Documents = ["{}", "null", "[1, 2]", """{"a": 1.50, "b": "ż \"q\"", "c": [true, null]}"""];

    public static TRow Of<TRow>(int index)
        where TRow : EveryScalar, new()
    {
        var row = new TRow { Id = index };
        var salt = 0;
        foreach (var property in typeof(TRow).GetProperties().Where(property => property.Name is not (nameof(EveryType.Id) or nameof(EveryType.Ignored))))
        {
            property.SetValue(row, Value(property, index + salt++));
        }

        return row;
    }

    public static void Copy<TRow>(TRow from, TRow to)
    {
        foreach (var property in typeof(TRow).GetProperties().Where(property => property.Name != nameof(EveryType.Id)))
        {
            property.SetValue(to, property.GetValue(from));
        }
    }

    /// <summary>The properties in which two rows differ.</summary>
    public static IEnumerable<string> Differences<TRow>(TRow expected, TRow found) => typeof(TRow).GetProperties()
        .Where(property => property.Name != nameof(EveryType.Ignored) && Text(property.GetValue(expected)) != Text(property.GetValue(found)))
        .Select(property => $"{property.Name}: expected {Text(property.GetValue(expected))}, found {Text(property.GetValue(found))}");

    private static object? Value(PropertyInfo property, int choice)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (property.Name.StartsWith("Maybe", StringComparison.Ordinal) && choice % 3 == 0)
        {
            return null;
        }

        if (property.Name is "Document" or "Raw" or "MaybeDocument")
        {
            return Documents[choice % Documents.Length];
        }

        return property.Name switch
        {
            "Money" or "MaybeMoney" => new[] { 0.00m, 0.01m, -999999999999.99m, 999999999999.99m, 12.30m }[choice % 5],
            "ShortText" => new[] { "", "ten chars.", "🚂🚃🚃🚃🚃🚃🚃🚃🚃🚃" }[choice % 3],
            _ when Values.TryGetValue(type, out var values) => values.GetValue(choice % values.Length),
            _ => Some(Values[type.GetElementType()!], choice),
        };
    }

    private static Array Some(Array all, int choice)
    {
        var some = Array.CreateInstance(all.GetType().GetElementType()!, choice % (all.Length + 1));
        Array.Copy(all, some, some.Length);
        return some;
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        string text => text.Length > 50 ? $"{text.Length} characters, {text.GetHashCode(StringComparison.Ordinal)}" : $"'{text}'",
        Array array => $"[{string.Join(", ", array.Cast<object?>().Select(Text))}]",
        DateTime time => $"{time:O}",
        DateTimeOffset time => $"{time:O}",
        _ => FormattableString.Invariant($"{value}"),
    };
}
