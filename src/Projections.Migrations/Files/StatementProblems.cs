using Projections.Migrations.Parsing;

namespace Projections.Migrations.Files;

/// <summary>Statements that no runner can send to PostgreSQL as they stand.</summary>
internal static class StatementProblems
{
    public static IEnumerable<FileProblem> Of(MigrationFile file)
    {
        foreach (var statement in file.Statements)
        {
            if (FirstProblem(statement) is { } message)
            {
                yield return new FileProblem(file.Path, ProblemLine(statement), message);
            }
        }
    }

    private static int ProblemLine(SqlStatement statement) =>
        statement.Tokens.FirstOrDefault(token => token.Kind == SqlTokenKind.Backslash) is { Line: > 0 } backslash
            ? backslash.Line
            : statement.Line;

    private static string? FirstProblem(SqlStatement statement)
    {
        if (statement.Tokens.Any(token => token.Kind == SqlTokenKind.Backslash))
        {
            return "A line that begins with a backslash is a command of psql (pg_dump writes \\restrict), which the server does not know. Remove it.";
        }

        if (statement.StartsWith("copy") && statement.Has("from", "stdin"))
        {
            return "COPY … FROM STDIN needs data that a migration file cannot carry. Use INSERT, or load the data with a tool of its own.";
        }

        if (statement.StartsWith("create") && statement.Has("concurrently", "on"))
        {
            return "The index has no name, so a retry after a failure could not find what was left of it. Name it.";
        }

        return IsTransactionControl(statement)
            ? $"'{statement.Summary}' steers a transaction, but the runner does that: each migration and its tracking row are one transaction. Remove the statement; put what must commit separately into a migration of its own, or write '-- transaction: none'."
            : null;
    }

    private static bool IsTransactionControl(SqlStatement statement) =>
        TransactionWords.Any(word => statement.StartsWith(word))
        || statement.StartsWith("start", "transaction")
        || statement.StartsWith("prepare", "transaction");

    private static readonly string[] TransactionWords = ["begin", "commit", "end", "rollback", "abort", "savepoint", "release"];
}
