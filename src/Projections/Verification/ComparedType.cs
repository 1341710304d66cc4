using System.Text.RegularExpressions;

namespace Projections.Verification;

/// <summary>How values of two columns are compared, and how they are hashed.</summary>
/// <param name="Cast">What both values are turned into first, as SQL behind the value; empty when they are compared as they are.</param>
/// <param name="Hashed">A function around the value before it is hashed, or <c>null</c>.</param>
internal sealed partial record ComparedType(string Cast, string? Hashed = null)
{
    private static readonly string[] AsTheyAre =
        ["smallint", "integer", "numeric", "real", "double precision", "boolean", "uuid", "date", "bytea", "jsonb"];

    private static readonly string[] WholeNumbers = ["smallint", "integer", "bigint"];

    // Byte by byte: what one collation takes for equal is a difference for a reader all the same.
    private static readonly ComparedType Text = new("::text collate \"C\"");

    // PostgreSQL hashes 64 bit values by folding them to 32 bits, so that -1 and 4294967295 meet; their bytes do not.
    private static readonly ComparedType BigInt = new("::bigint", "int8send");

    /// <summary>Finds the way for two types as <c>format_type</c> names them, or <c>null</c> when such values cannot be compared.</summary>
    public static ComparedType? Of(string earlier, string later)
    {
        var (left, right) = (WithoutModifier(earlier), WithoutModifier(later));
        if (left == right)
        {
            return OfOne(left);
        }

        if (WholeNumbers.Contains(left) && WholeNumbers.Contains(right))
        {
            return BigInt;
        }

        if (IsNumber(left) && IsNumber(right))
        {
            return new ComparedType("::numeric");
        }

        return IsText(left) && IsText(right) ? Text : IsJson(left) && IsJson(right) ? new ComparedType("::jsonb") : null;
    }

    /// <summary>The type without its length or precision: a cast to <c>numeric(14,2)</c> would round a difference away.</summary>
    public static string WithoutModifier(string type) => Modifier().Replace(type, "");

    private static ComparedType OfOne(string type) => type switch
    {
        "bigint" => BigInt,
        "timestamp with time zone" => new("", "timestamptz_send"),
        "timestamp without time zone" => new("", "timestamp_send"),
        "time without time zone" => new("", "time_send"),
        "json" => new("::jsonb"),
        _ => AsTheyAre.Contains(type) ? new("") : Text,
    };

    private static bool IsNumber(string type) => type == "numeric" || WholeNumbers.Contains(type);

    private static bool IsText(string type) => type is "text" or "character varying" or "character" or "citext";

    private static bool IsJson(string type) => type is "json" or "jsonb";

    [GeneratedRegex(@"\([^)]*\)")]
    private static partial Regex Modifier();
}
