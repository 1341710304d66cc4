using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Projections.Migrations.Parsing;

namespace Projections.Migrations.Files;

/// <summary>Puts repeatable migrations into an order in which each one comes after those whose things it uses; otherwise by name.</summary>
internal sealed partial class RepeatableOrder
{
    private static readonly string[] Kinds = ["view", "function", "procedure", "aggregate", "type", "domain", "table", "sequence", "operator"];

    // "CREATE OR REPLACE RECURSIVE VIEW": the kind is at most the fifth word.
    private const int WordsToKind = 5;

    private readonly IReadOnlyList<Made> _all;
    private readonly Dictionary<Migration, Migration?> _placed = [];
    private readonly List<Migration> _ordered = [];

    private RepeatableOrder(IEnumerable<NamedFile> files) =>
        _all = [.. files.OrderBy(file => file.Name, StringComparer.Ordinal).Select(file =>
            new Made(new Migration(file.Version, file.Number, file.Name, file.File, null), NamesMadeBy(file.File), NamesIn(file.File)))];

    public static IReadOnlyList<Migration> Of(IEnumerable<NamedFile> files)
    {
        var order = new RepeatableOrder(files);
        foreach (var one in order._all)
        {
            order.Place(one);
        }

        return order._ordered;
    }

    /// <summary>The number by which a repeatable migration is tracked: one of its own, behind all that a file's name can have.</summary>
    public static long VersionOf(string name) =>
        Migration.FirstRepeatable | (BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) & (Migration.FirstRepeatable - 1));

    // Where two use each other, whichever is met first goes without the other.
    private void Place(Made one)
    {
        if (!_placed.TryAdd(one.Migration, null))
        {
            return;
        }

        var used = _all.Where(other => other != one && other.Makes.Overlaps(one.Words)).ToList();
        foreach (var other in used)
        {
            Place(other);
        }

        var placed = one.Migration with { Uses = [.. used.Select(other => _placed[other.Migration]).OfType<Migration>()] };
        _placed[one.Migration] = placed;
        _ordered.Add(placed);
    }

    private static HashSet<string> NamesMadeBy(MigrationFile file) =>
        [.. file.Statements.Where(statement => statement.StartsWith("create")).Select(NameMadeBy).OfType<string>()];

    private static string? NameMadeBy(SqlStatement statement)
    {
        var kind = statement.Tokens.Take(WordsToKind).ToList().FindIndex(token => Kinds.Any(token.Is));
        var at = SqlNames.SkipIfExists(statement, kind + 1);
        while (kind > 0 && at + 2 < statement.Tokens.Count && statement.Tokens[at + 1].Is('.'))
        {
            at += 2;
        }

        return kind > 0 && at < statement.Tokens.Count ? statement.Tokens[at].Name : null;
    }

    // A function's body is a text, and PostgreSQL looks at the names in it when the function is made.
    private static HashSet<string> NamesIn(MigrationFile file) =>
        [.. file.Statements.SelectMany(statement => statement.Tokens).SelectMany(token => token.Kind == SqlTokenKind.Text
            ? Words().Matches(token.Text).Select(word => word.Value.ToLowerInvariant())
            : [token.Name])];

    [GeneratedRegex(@"[\p{L}_][\p{L}\d_$]*", RegexOptions.CultureInvariant)]
    private static partial Regex Words();

    private sealed record Made(Migration Migration, HashSet<string> Makes, HashSet<string> Words);
}
