using System.Globalization;
using System.Text.RegularExpressions;

namespace Projections.Verification;

/// <summary>How values of two columns are compared, and how they are hashed.</summary>
/// <param name="Cast">What both values are turned into first, as SQL behind the value; empty when they are compared as they are.</param>
/// <param name="Hashing">SQL that makes 64 bits of a value, which stands for <c>{0}</c>, and a seed, <c>{1}</c>; NULL of NULL.</param>
/// <remarks>
/// PostgreSQL's hashes of some types are thin: those of 1 and 10000 as <c>numeric</c> differ in one bit, and 64 bit values are folded to 32, so
/// that -1 and 4294967295 meet. The former are hashed once more, of the latter the upper half is hashed by itself, too.
/// </remarks>
internal sealed partial record ComparedType(string Cast, string Hashing)
{
    private static readonly Dictionary<string, ComparedType> AsTheyAre = new(StringComparer.Ordinal)
    {
        ["smallint"] = new("", "hashint2extended({0}, {1})"),
        ["integer"] = new("", "hashint4extended({0}, {1})"),
        ["bigint"] = new("", WholeNumber),
        ["numeric"] = Numeric with { Cast = "" },
        ["real"] = new("", "hashfloat4extended({0}, {1})"),
        ["double precision"] = new("", "hashfloat8extended({0}, {1})"),
        ["boolean"] = new("", "hashint4extended({0}::integer, {1})"),
        ["uuid"] = new("", "uuid_hash_extended({0}, {1})"),
        ["bytea"] = new("", Bytes("{0}")),
        ["date"] = new("", Bytes("date_send({0})")),
        ["timestamp with time zone"] = new("", Bytes("timestamptz_send({0})")),
        ["timestamp without time zone"] = new("", Bytes("timestamp_send({0})")),
        ["time without time zone"] = new("", Bytes("time_send({0})")),
        ["json"] = Document,
        ["jsonb"] = Document with { Cast = "" },
    };

    private static readonly string[] WholeNumbers = ["smallint", "integer", "bigint"];

    // Byte by byte: what one collation takes for equal is a difference for a reader all the same.
    private static ComparedType Text => new("::text collate \"C\"", "hashtextextended({0}, {1})");

    private static ComparedType Numeric => new("::numeric", "hashint8extended(hash_numeric_extended({0}, {1}), {1})");

    private static ComparedType Document => new("::jsonb", "hashint8extended(jsonb_hash_extended({0}, {1}), {1})");

    private static string WholeNumber => "(hashint8extended({0}, {1}) # hashint8extended({0} >> 32, -{1}))";

    /// <summary>Whether whole numbers of two sizes are compared; any two of them have one order, without a cast.</summary>
    public bool IsWholeNumber => Cast == "::bigint";

    /// <summary>The hash of a value that stands under a name.</summary>
    public string Hash(string value, int seed) => string.Format(CultureInfo.InvariantCulture, Hashing, value, seed);

    /// <summary>Finds the way for two types as <c>format_type</c> names them, or <c>null</c> when such values cannot be compared.</summary>
    public static ComparedType? Of(string earlier, string later)
    {
        var (left, right) = (WithoutModifier(earlier), WithoutModifier(later));
        if (left == right)
        {
            return AsTheyAre.GetValueOrDefault(left, Text);
        }

        if (WholeNumbers.Contains(left) && WholeNumbers.Contains(right))
        {
            return new ComparedType("::bigint", WholeNumber);
        }

        if (IsNumber(left) && IsNumber(right))
        {
            return Numeric;
        }

        return IsText(left) && IsText(right) ? Text : IsJson(left) && IsJson(right) ? Document : null;
    }

    /// <summary>The type without its length or precision: a cast to <c>numeric(14,2)</c> would round a difference away.</summary>
    public static string WithoutModifier(string type) => Modifier().Replace(type, "");

    private static string Bytes(string value) => $$"""hashtextextended(encode({{value}}, 'hex') collate "C", {1})""";

    private static bool IsNumber(string type) => type == "numeric" || WholeNumbers.Contains(type);

    private static bool IsText(string type) => type is "text" or "character varying" or "character" or "citext";

    private static bool IsJson(string type) => type is "json" or "jsonb";

    [GeneratedRegex(@"\([^)]*\)")]
    private static partial Regex Modifier();
}
