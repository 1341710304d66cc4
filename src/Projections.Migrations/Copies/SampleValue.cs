using System.Text.RegularExpressions;

namespace Projections.Migrations.Copies;

/// <summary>
/// Makes up values as SQL expressions over the row's number <c>g</c>. A type's value depends on nothing but the number, so foreign
/// keys between columns of one type hold by themselves.
/// </summary>
internal static partial class SampleValue
{
    /// <returns>The expression; <c>null</c> where there is none for the type.</returns>
    public static string? Of(SampleColumn column) => column.Category switch
    {
        'N' => column.BaseType == "money" ? "g::numeric::money" : $"g::{column.Type}",
        'S' => $"g::text::{column.Type}",
        'B' => "(g % 2 = 0)",
        'D' => Time(column),
        'T' => $"(g * interval '1 hour')::{column.Type}",
        'E' => $"(enum_range(NULL::{column.BaseType}))[1 + g % cardinality(enum_range(NULL::{column.BaseType}))]::{column.Type}",
        'A' => $"'{{}}'::{column.Type}",
        'R' => Range(column),
        'I' => $"('10.0.0.' || g)::{column.Type}",
        'V' => $"g::bit(8)::{column.Type}",
        _ => Other(column),
    };

    /// <summary>The constants in a condition, as text: values that may well satisfy it.</summary>
    public static IEnumerable<string> ConstantsOf(string condition) =>
        Constant().Matches(condition)
            .Select(match => match.Groups["text"].Success ? match.Groups["text"].Value.Replace("''", "'", StringComparison.Ordinal) : match.Value)
            .SelectMany(value => long.TryParse(value, out var number) ? [value, $"{number + 1}", $"{number - 1}"] : new[] { value })
            .Distinct()
            .Take(20);

    private static string Time(SampleColumn column) =>
        column.BaseType.StartsWith("time without", StringComparison.Ordinal) || column.BaseType.StartsWith("time with ", StringComparison.Ordinal)
            ? $"(time '00:00' + g * interval '1 minute')::{column.Type}"
            : $"(timestamp '2026-01-01' + g * interval '1 day')::{column.Type}";

    // Each begins where the one before it ends, so that none overlaps another; a key WITHOUT OVERLAPS takes no empty ones.
    private static string Range(SampleColumn column) => column.BaseType switch
    {
        "int4range" or "int8range" or "numrange" => $"{column.BaseType}(g, g + 1)",
        "daterange" => "daterange(date '2026-01-01' + g, date '2026-01-01' + g + 1)",
        "tsrange" or "tstzrange" => $"{column.BaseType}(timestamp '2026-01-01' + g * interval '1 day', timestamp '2026-01-01' + (g + 1) * interval '1 day')",
        var type when type.EndsWith("multirange", StringComparison.Ordinal) => $"'{{}}'::{column.Type}",
        _ => $"'empty'::{column.Type}",
    };

    private static string? Other(SampleColumn column) => column.BaseType switch
    {
        "uuid" => $"lpad(to_hex(g), 32, '0')::uuid::{column.Type}",
        "json" or "jsonb" => $"'{{}}'::{column.Type}",
        "bytea" => $"decode(lpad(to_hex(g), 8, '0'), 'hex')::{column.Type}",
        "tsvector" => $"g::text::tsvector::{column.Type}",
        "xml" => $"'<g/>'::{column.Type}",
        _ => null,
    };

    [GeneratedRegex(@"'(?<text>(?:[^']|'')*)'|(?<![\w.])-?\d+(?:\.\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Constant();
}
