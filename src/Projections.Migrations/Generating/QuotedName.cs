using System.Text.RegularExpressions;
using Projections.Postgres;

namespace Projections.Migrations.Generating;

/// <summary>Names as PostgreSQL shows them, quoted where they must be.</summary>
internal static partial class QuotedName
{
    // What PostgreSQL keeps of a name.
    private const int Longest = 63;

    /// <summary>Another name with something behind it; what would be too long is cut before that.</summary>
    public static string WithEnding(string quoted, string ending)
    {
        var name = Unquote(quoted);
        return Of(name[..Math.Min(name.Length, Longest - ending.Length)] + ending);
    }

    public static string Of(string name) => PlainName().IsMatch(name) ? name : SqlName.Quote(name);

    public static string Unquote(string quoted) =>
        quoted.StartsWith('"') ? quoted[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : quoted;

    /// <summary>The schema of a qualified name, and the name alone.</summary>
    public static (string Schema, string Own) Split(string qualified)
    {
        var parts = Qualified().Match(qualified);
        return (parts.Groups["schema"].Value, parts.Groups["own"].Value);
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex PlainName();

    [GeneratedRegex("""^(?<schema>"(?:[^"]|"")+"|[^".]+)\.(?<own>.+)$""", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Qualified();
}
