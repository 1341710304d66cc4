namespace Projections.Migrations.Parsing;

/// <summary>Statements that change the server and not only the database they run in; on a copy they would hit everybody else.</summary>
internal static class ServerStatement
{
    private static readonly string[] Objects = ["database", "role", "user", "group", "tablespace", "subscription", "system"];

    public static bool Is(SqlStatement statement) =>
        (statement.StartsWith("create") || statement.StartsWith("alter") || statement.StartsWith("drop"))
        && statement.Tokens.Count > 1 && Objects.Any(word => statement.Tokens[1].Is(word))
        && !(statement.StartsWith("create", "user", "mapping") || statement.StartsWith("drop", "user", "mapping"));
}
