namespace Projections.Migrations.Parsing;

/// <summary>Reads names out of a statement's tokens.</summary>
internal static class SqlNames
{
    /// <summary>The possibly qualified name that begins at a token, as it stands in the statement: <c>billing."Orders"</c>.</summary>
    public static string QualifiedAt(SqlStatement statement, int index)
    {
        var tokens = statement.Tokens;
        var end = index;
        while (end + 2 < tokens.Count && tokens[end + 1].Is('.'))
        {
            end += 2;
        }

        return index < tokens.Count
            ? string.Concat(tokens.Skip(index).Take(end - index + 1).Select(token => token.Text))
            : "";
    }

    /// <summary>The place behind <c>IF EXISTS</c> or <c>IF NOT EXISTS</c>, if that stands at <paramref name="index"/>.</summary>
    public static int SkipIfExists(SqlStatement statement, int index)
    {
        var tokens = statement.Tokens;
        if (index >= tokens.Count || !tokens[index].Is("if"))
        {
            return index;
        }

        return index + 1 < tokens.Count && tokens[index + 1].Is("not") ? index + 3 : index + 2;
    }
}
