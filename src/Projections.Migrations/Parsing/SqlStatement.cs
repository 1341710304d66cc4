namespace Projections.Migrations.Parsing;

/// <summary>One statement of a file, as it is sent to PostgreSQL: without its semicolon.</summary>
/// <param name="Text">The statement from its first token to its last, comments in between included.</param>
/// <param name="Line">The line of its first token, from 1.</param>
/// <param name="Tokens">Its tokens, without the semicolon.</param>
public sealed record SqlStatement(string Text, int Line, IReadOnlyList<SqlToken> Tokens)
{
    /// <summary>Whether the statement begins with these keywords.</summary>
    public bool StartsWith(params ReadOnlySpan<string> keywords)
    {
        if (Tokens.Count < keywords.Length)
        {
            return false;
        }

        for (var i = 0; i < keywords.Length; i++)
        {
            if (!Tokens[i].Is(keywords[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the keywords stand next to each other anywhere in the statement.</summary>
    public bool Has(params ReadOnlySpan<string> keywords) => IndexOf(keywords) >= 0;

    /// <summary>The place of the first of these neighbouring keywords among the tokens; -1 when they are not there.</summary>
    public int IndexOf(params ReadOnlySpan<string> keywords)
    {
        for (var start = 0; start + keywords.Length <= Tokens.Count; start++)
        {
            var matched = 0;
            while (matched < keywords.Length && Tokens[start + matched].Is(keywords[matched]))
            {
                matched++;
            }

            if (matched == keywords.Length)
            {
                return start;
            }
        }

        return -1;
    }

    /// <summary>The beginning of the statement on one line, for messages and progress.</summary>
    public string Summary
    {
        get
        {
            var line = string.Join(' ', Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return line.Length <= 80 ? line : $"{line[..77]}...";
        }
    }

    public bool Equals(SqlStatement? other) => other is not null && Text == other.Text && Line == other.Line;

    public override int GetHashCode() => HashCode.Combine(Text, Line);
}
