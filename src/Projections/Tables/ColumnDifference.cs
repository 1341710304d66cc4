using Projections.Definitions;

namespace Projections.Tables;

/// <summary>What keeps a column from holding what its property gives.</summary>
internal static class ColumnDifference
{
    public static IEnumerable<string> Between(string table, ColumnDefinition expected, ColumnDefinition found)
    {
        if (!Holds(expected, found))
        {
            yield return $"{table}.{expected.Name} is {found.Type}, but the row type needs {expected.Type}. {WayOut(expected, found)}";
        }

        if (expected.IsNullable && !found.IsNullable)
        {
            yield return $"{table}.{expected.Name} is NOT NULL, but the row type's property may be null. Make the property non-nullable, or the column nullable.";
        }

        if (!expected.IsNullable && found.IsNullable)
        {
            yield return $"{table}.{expected.Name} takes NULL, but the row type's property is never null. Declare the column NOT NULL, or make the property nullable.";
        }
    }

    public static string Describe(ColumnDefinition column) => $"{column.Type}{(column.IsNullable ? string.Empty : " not null")}";

    // Texts without a length are the same to PostgreSQL; citext only compares differently, which must not be in a key.
    private static bool Holds(ColumnDefinition expected, ColumnDefinition found) =>
        expected.Type == found.Type
        || (IsPlainText(expected.Type) && (IsPlainText(found.Type) || (found.Type == "citext" && expected.KeyOrdinal == 0)));

    private static bool IsPlainText(string type) => type is "text" or "character varying";

    private static string WayOut(ColumnDefinition expected, ColumnDefinition found)
    {
        var limited = found.Type.StartsWith("numeric(", StringComparison.Ordinal) || found.Type.StartsWith("character varying(", StringComparison.Ordinal);
        if (limited && expected.Type is "numeric" or "text")
        {
            return $"Declare the limit on the property as well, [Column(TypeName = \"{found.Type}\")], so that values are rounded or refused when the event is folded and not only when the row is written; or declare the column {expected.Type}.";
        }

        return found.Type.StartsWith("character(", StringComparison.Ordinal)
            ? $"Declare the column {expected.Type}: character(n) gives back padded text, not what was written."
            : $"Declare the column {expected.Type}, or change the property's type.";
    }
}
