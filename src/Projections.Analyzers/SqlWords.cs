using Projections.Migrations.Parsing;

namespace Projections.Analyzers;

/// <summary>
/// A stretch of SQL as words: unquoted ones in lower case, quoted names as they stand behind a quote, single signs. Comments are left out; texts
/// and what is dollar-quoted are one word each.
/// </summary>
internal sealed class SqlWords
{
    private readonly string[] _words;

    private SqlWords(IEnumerable<string> words) => _words = [.. words];

    /// <summary>The statements of a text, without the semicolons.</summary>
    public static IReadOnlyList<SqlWords> Statements(string sql) => [.. Split(Words(sql), ";")];

    public bool Is(int at, string word) => at < _words.Length && _words[at] == word;

    public bool IsAny(int at, HashSet<string> words) => at < _words.Length && words.Contains(_words[at]);

    public SqlWords Rest(int from) => new(_words.Skip(from));

    public SqlWords After(string word) => Rest(Array.IndexOf(_words, word) + 1);

    public SqlWords SkipWords(params string[] words) => words.Select((word, at) => Is(at, word)).All(found => found) ? Rest(words.Length) : this;

    /// <summary>The name that it begins with, the last part of it where a schema stands before; <c>null</c> if there is none.</summary>
    public string? Name()
    {
        var last = 0;
        while (Is(last + 1, ".") && last + 2 < _words.Length)
        {
            last += 2;
        }

        return last < _words.Length && IsName(_words[last]) ? _words[last].TrimStart('"') : null;
    }

    /// <summary>The words up to one of these, outside of parentheses, as one text.</summary>
    public string Until(HashSet<string> ends) => string.Join(" ", _words.TakeWhile(word => !ends.Contains(word)));

    /// <summary>From where these words stand side by side, outside of parentheses; <c>null</c> if they do not.</summary>
    public SqlWords? Find(params string[] words)
    {
        var depth = 0;
        for (var at = 0; at < _words.Length; at++)
        {
            depth += DepthOf(_words[at]);
            if (depth == 0 && Rest(at) is var rest && words.Select((word, i) => rest.Is(i, word)).All(found => found))
            {
                return rest;
            }
        }

        return null;
    }

    /// <summary>What stands in the parentheses right behind a table's name, cut at the commas; <c>null</c> if there are none, or something that brings other columns follows.</summary>
    public IEnumerable<SqlWords>? Parenthesised(string name)
    {
        var at = Array.FindIndex(_words, word => word.TrimStart('"') == name) + 1;
        return Is(at, "(") && Rest(at).Find("inherits") is null ? Rest(at).FirstParenthesised() : null;
    }

    /// <summary>What stands in the first parentheses, cut at the commas.</summary>
    public IEnumerable<SqlWords>? FirstParenthesised()
    {
        var from = Array.IndexOf(_words, "(");
        var depth = 0;
        for (var at = from; from >= 0 && at < _words.Length; at++)
        {
            depth += DepthOf(_words[at]);
            if (depth == 0)
            {
                return Split(_words.Skip(from + 1).Take(at - from - 1), ",");
            }
        }

        return null;
    }

    private static bool IsName(string word) => word[0] == '"' || word[0] == '_' || char.IsLetter(word[0]);

    private static int DepthOf(string word) => word switch { "(" => 1, ")" => -1, _ => 0 };

    private static IEnumerable<SqlWords> Split(IEnumerable<string> words, string at)
    {
        var part = new List<string>();
        var depth = 0;
        foreach (var word in words)
        {
            depth += DepthOf(word);
            if (depth == 0 && word == at)
            {
                yield return new SqlWords(part);
                part = [];
            }
            else
            {
                part.Add(word);
            }
        }

        if (part.Count > 0)
        {
            yield return new SqlWords(part);
        }
    }

    private static IEnumerable<string> Words(string sql)
    {
        var lexer = new SqlLexer(sql);
        while (lexer.TryNext(out var token))
        {
            yield return token.Kind == SqlTokenKind.QuotedName ? "\"" + token.Name : token.Text.ToLowerInvariant();
        }
    }
}
