namespace Projections.Migrations.Parsing;

/// <summary>
/// Splits an SQL text at the semicolons that end a statement. A semicolon in a string, a comment, brackets or the body of a
/// <c>BEGIN ATOMIC</c> function ends none. Each statement is sent alone, because several in one command are one implicit
/// transaction to PostgreSQL.
/// </summary>
public static class StatementSplitter
{
    public static IReadOnlyList<SqlStatement> Split(string text, bool standardConformingStrings = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var lexer = new SqlLexer(text) { StandardConformingStrings = standardConformingStrings };
        var statements = new List<SqlStatement>();
        var tokens = new List<SqlToken>();
        var nesting = new Nesting();

        while (lexer.TryNext(out var token))
        {
            if (token.Is(';') && nesting.IsOutermost)
            {
                Finish(text, tokens, statements, lexer);
                tokens = [];
                nesting = new Nesting();
                continue;
            }

            tokens.Add(token);
            nesting.Follow(tokens);
        }

        Finish(text, tokens, statements, lexer);
        return statements;
    }

    private static void Finish(string text, List<SqlToken> tokens, List<SqlStatement> statements, SqlLexer lexer)
    {
        if (tokens.Count == 0)
        {
            return;
        }

        var statement = new SqlStatement(text[tokens[0].Offset..tokens[^1].End], tokens[0].Line, tokens);
        statements.Add(statement);
        FollowStringSetting(statement, lexer);
    }

    // Strings after "SET standard_conforming_strings = off" are read differently, so the lexer has to follow the setting.
    private static void FollowStringSetting(SqlStatement statement, SqlLexer lexer)
    {
        var tokens = statement.Tokens;
        if (!statement.StartsWith("set"))
        {
            return;
        }

        var at = tokens.Count > 1 && (tokens[1].Is("local") || tokens[1].Is("session")) ? 2 : 1;
        if (at + 2 < tokens.Count && tokens[at].Is("standard_conforming_strings"))
        {
            lexer.StandardConformingStrings = tokens[at + 2].Text.Trim('\'').ToLowerInvariant() is "on" or "true" or "1" or "yes" or "default";
        }
    }

    /// <summary>How deep in brackets, and in the body of an SQL function, the text is.</summary>
    private sealed class Nesting
    {
        private int _brackets;
        private int _blocks;

        public bool IsOutermost => _brackets <= 0 && _blocks == 0;

        public void Follow(List<SqlToken> tokens)
        {
            var token = tokens[^1];
            if (token.Is('('))
            {
                _brackets++;
            }
            else if (token.Is(')'))
            {
                _brackets--;
            }
            else if (_blocks == 0)
            {
                if (token.Is("atomic") && tokens.Count > 1 && tokens[^2].Is("begin") && CreatesRoutine(tokens))
                {
                    _blocks = 1;
                }
            }
            else if (token.Is("case") && !IsLabel(tokens))
            {
                _blocks++;
            }
            else if (token.Is("end") && !IsLabel(tokens))
            {
                _blocks--;
            }
        }

        // "SELECT 1 AS end": after AS and after a dot even a reserved word is only a name.
        private static bool IsLabel(List<SqlToken> tokens) => tokens[^2].Is("as") || tokens[^2].Is('.');

        private static bool CreatesRoutine(List<SqlToken> tokens)
        {
            var at = tokens[0].Is("create") ? 1 : tokens.Count;
            if (at + 1 < tokens.Count && tokens[at].Is("or") && tokens[at + 1].Is("replace"))
            {
                at += 2;
            }

            return at < tokens.Count && (tokens[at].Is("function") || tokens[at].Is("procedure"));
        }
    }
}
