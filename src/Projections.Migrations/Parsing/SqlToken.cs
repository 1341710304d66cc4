namespace Projections.Migrations.Parsing;

/// <summary>One token of an SQL text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The token as it stands in the file, quotes included.</param>
/// <param name="Offset">Where it begins, in characters from the start of the file.</param>
/// <param name="Line">The line on which it begins, from 1.</param>
public readonly record struct SqlToken(SqlTokenKind Kind, string Text, int Offset, int Line)
{
    public int End => Offset + Text.Length;

    /// <summary>Whether this is the given keyword, in any letter case. A quoted name is never a keyword.</summary>
    public bool Is(string keyword) =>
        Kind == SqlTokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    public bool Is(char symbol) => Kind == SqlTokenKind.Symbol && Text[0] == symbol;

    /// <summary>The name that PostgreSQL would look up: unquoted names in small letters, quoted names without their quotes.</summary>
    public string Name => Kind == SqlTokenKind.QuotedName
        ? Text.Substring(1, Math.Max(0, Text.Length - 2)).Replace("\"\"", "\"")
        : Text.ToLowerInvariant();

    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.QuotedName;
}
