namespace Projections.Migrations.Parsing;

/// <summary>The kinds of token that telling statements apart, and reading what they do, needs. Comments are no tokens.</summary>
public enum SqlTokenKind
{
    /// <summary>A keyword or an unquoted name.</summary>
    Word,

    /// <summary>A name in double quotes.</summary>
    QuotedName,

    /// <summary>A literal in single quotes of any kind, or between dollar quotes.</summary>
    Text,

    Number,

    /// <summary>A parameter of a backfill's statement, such as <c>:first</c>, or <c>$1</c>.</summary>
    Parameter,

    /// <summary>Any other single character: a bracket, a comma, a part of an operator, the semicolon.</summary>
    Symbol,

    /// <summary>A backslash outside quotes: a command of psql, which is no SQL.</summary>
    Backslash,
}
