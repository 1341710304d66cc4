using System.Text.RegularExpressions;

namespace Projections.Tables.ColumnTypes;

/// <summary>Names of types as people write them, and as PostgreSQL's <c>format_type</c> gives them.</summary>
internal static class TypeSpelling
{
    private static readonly Dictionary<string, string> Long = new(StringComparer.Ordinal)
    {
        ["int"] = "integer",
        ["int4"] = "integer",
        ["int8"] = "bigint",
        ["int2"] = "smallint",
        ["float4"] = "real",
        ["float8"] = "double precision",
        ["float"] = "double precision",
        ["bool"] = "boolean",
        ["timestamptz"] = "timestamp with time zone",
        ["timestamp"] = "timestamp without time zone",
        ["decimal"] = "numeric",
        ["varchar"] = "character varying",
        ["char"] = "character",
    };

    private static readonly Regex Parts = new(
        @"^(?<name>[a-z_][a-z0-9_ ]*?) ?(\((?<limits>[0-9, ]*)\))?(?<array> ?\[ ?[0-9]* ?\])*$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    /// <summary>The name as <c>format_type</c> has it: <c>varchar (20)</c> is <c>character varying(20)</c>. What is no such name stays as it is.</summary>
    public static string Normalize(string written)
    {
        var plain = Regex.Replace(written.Trim().ToLowerInvariant(), @"\s+", " ");
        if (Parts.Match(plain) is not { Success: true } parts)
        {
            return plain;
        }

        var name = Long.TryGetValue(parts.Groups["name"].Value, out var known) ? known : parts.Groups["name"].Value;
        return $"{name}{LimitsOf(name, parts.Groups["limits"])}{(parts.Groups["array"].Success ? "[]" : "")}";
    }

    private static string LimitsOf(string name, Group written)
    {
        if (!written.Success)
        {
            return name == "character" ? "(1)" : "";
        }

        var limits = written.Value.Replace(" ", "");
        return name == "numeric" && limits.IndexOf(',') < 0 ? $"({limits},0)" : $"({limits})";
    }
}
