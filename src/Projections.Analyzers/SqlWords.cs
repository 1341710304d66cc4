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
        for (var at = 0; at < sql.Length;)
        {
            var end = EndOf(sql, at);
            var word = sql.Substring(at, end - at);
            at = end;
            if (word[0] == '"')
            {
                yield return "\"" + word.Substring(1).TrimEnd('"').Replace("\"\"", "\"");
            }
            else if (!char.IsWhiteSpace(word[0]) && !word.StartsWith("--", StringComparison.Ordinal) && !word.StartsWith("/*", StringComparison.Ordinal))
            {
                yield return word.ToLowerInvariant();
            }
        }
    }

    private static int EndOf(string sql, int at) => sql[at] switch
    {
        '-' when Follows(sql, at, "--") => Behind(sql, at, "\n"),
        '/' when Follows(sql, at, "/*") => Behind(sql, at, "*/"),
        '\'' => BehindQuotes(sql, at),
        '"' => BehindQuotes(sql, at),
        '$' when sql.IndexOf('$', at + 1) is > 0 and var tag => Behind(sql, tag + 1, sql.Substring(at, tag + 1 - at)),
        var c when IsPart(c) => Enumerable.Range(at, sql.Length - at).TakeWhile(i => IsPart(sql[i])).Last() + 1,
        _ => at + 1,
    };

    private static bool IsPart(char c) => c == '_' || char.IsLetterOrDigit(c);

    private static bool Follows(string sql, int at, string sign) => string.CompareOrdinal(sql, at, sign, 0, sign.Length) == 0;

    private static int Behind(string sql, int from, string sign) => sql.IndexOf(sign, from, StringComparison.Ordinal) is >= 0 and var found ? found + sign.Length : sql.Length;

    private static int BehindQuotes(string sql, int at)
    {
        var quote = sql[at];
        var end = at + 1;
        while (end < sql.Length && (sql[end] != quote || (end + 1 < sql.Length && sql[end + 1] == quote && ++end > 0)))
        {
            end++;
        }

        return Math.Min(end + 1, sql.Length);
    }
}
