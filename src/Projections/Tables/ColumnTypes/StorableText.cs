namespace Projections.Tables.ColumnTypes;

/// <summary>PostgreSQL's texts hold every character but NUL.</summary>
internal static class StorableText
{
    public static void Check(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new UnstorableValue("a text with a NUL character cannot be stored in PostgreSQL");
        }
    }
}
