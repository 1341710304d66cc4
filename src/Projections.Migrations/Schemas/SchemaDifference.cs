using System.Text.RegularExpressions;

namespace Projections.Migrations.Schemas;

/// <summary>A fact that is in one state of a schema and not in the other.</summary>
/// <param name="IsMissing">Whether it was there before and is gone; otherwise it is new.</param>
/// <param name="Line">The fact.</param>
public sealed record SchemaDifference(bool IsMissing, SchemaLine Line)
{
    /// <summary>Compares two states, in the order of their objects.</summary>
    public static IReadOnlyList<SchemaDifference> Between(IReadOnlyList<SchemaLine> before, IReadOnlyList<SchemaLine> after)
    {
        var missing = before.Except(after).Select(line => new SchemaDifference(true, line));
        var added = after.Except(before).Select(line => new SchemaDifference(false, line));
        return [.. missing.Concat(added).OrderBy(difference => difference.Line.Object, StringComparer.Ordinal).ThenByDescending(difference => difference.IsMissing)];
    }

    public override string ToString() => $"{(IsMissing ? "-" : "+")} {Line.Object}: {Line.Detail}";
}

/// <summary>One fact of a schema.</summary>
/// <param name="Object">What it belongs to: <c>table billing.orders</c>.</param>
/// <param name="Detail">What it says: <c>column 3: note text</c>.</param>
public sealed partial record SchemaLine(string Object, string Detail)
{
    /// <summary>Whether it is about the database and not about anything in a schema: an extension, a publication, a cast, default rights.</summary>
    internal bool IsOfNoSchema => Word().IsMatch(Object);

    /// <summary>Whether it is about something that each database has from its beginning, and that is set up there by whoever made it.</summary>
    internal bool IsOfEveryDatabase => Object == "database" || Object.StartsWith("language ", StringComparison.Ordinal);

    /// <summary>The same without who owns the object and what owners have by themselves: on a copy somebody else owns everything.</summary>
    internal SchemaLine WithoutOwner() => this with
    {
        Detail = OwnerAndGrants().Replace(Detail, found =>
            found.Groups["grants"].Success ? $"grants {OfOthers(found.Groups["acl"].Value, found.Groups["owner"].Value)}" : ""),
    };

    /// <summary>The same without the place of a column among the others: a new one always comes last.</summary>
    internal SchemaLine WithoutPlace() => this with { Detail = Place().Replace(Detail, "column:") };

    private static string OfOthers(string acl, string owner) =>
        string.Join(',', acl.Trim('{', '}').Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Where(entry => owner.Length == 0 || !entry.StartsWith($"{owner}=", StringComparison.Ordinal))
            .Select(entry => entry[..entry.LastIndexOf('/')])
            .Order(StringComparer.Ordinal));

    [GeneratedRegex(@"^column \d+:", RegexOptions.CultureInvariant)]
    private static partial Regex Place();

    [GeneratedRegex("^(extension|publication|event trigger|default privileges|database|cast|language|transform|access method|foreign-data wrapper|server|user mapping)", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex("""owner (?<owner>"(?:[^"]|"")*"|[^,\s]+)(?:, (?<grants>grants (?<acl>\{[^}]*\})?)|, |$)|(?<grants>grants (?<acl>\{[^}]*\})?)""", RegexOptions.CultureInvariant)]
    private static partial Regex OwnerAndGrants();
}
