using Projections.Definitions;

namespace Projections.Tables;

/// <summary>The columns of a table as the database has it.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Columns">All columns but generated ones, which follow from the others and which nobody writes.</param>
/// <param name="KeyCollations">The collations of the primary key's index, in the server's own form, or <c>null</c> when they are not known or there is no key.</param>
internal sealed record TableShape(string Table, IReadOnlyList<ColumnDefinition> Columns, string? KeyCollations = null)
{
    /// <summary>Compares what a row type asks for with what the table has, column by column.</summary>
    /// <returns>A sentence for each difference that says what to change; empty when the two fit.</returns>
    public IReadOnlyList<string> DifferencesFrom(IReadOnlyList<ColumnDefinition> expected)
    {
        var differences = new List<string>();
        foreach (var column in expected)
        {
            if (Columns.FirstOrDefault(found => found.Name == column.Name) is { } found)
            {
                differences.AddRange(ColumnDifference.Between(Table, column, found));
            }
            else
            {
                differences.Add($"{Table} has no column '{column.Name}', which the row type has as {ColumnDifference.Describe(column)}. Add it to table.sql, or mark the property [NotMapped].");
            }
        }

        differences.AddRange(Columns
            .Where(found => expected.All(column => column.Name != found.Name))
            .Select(found => $"{Table} has a column '{found.Name}' ({ColumnDifference.Describe(found)}), which the row type has not. Add a property for it, or take it out of table.sql."));
        if (KeyDifference(expected) is { } key)
        {
            differences.Add(key);
        }

        return differences;
    }

    private string? KeyDifference(IReadOnlyList<ColumnDefinition> expected)
    {
        var wanted = KeyOf(expected);
        var found = KeyOf(Columns);
        return wanted == found
            ? null
            : $"{Table} has {(found.Length == 0 ? "no primary key" : $"the primary key ({found})")}, but the row type's key is ({wanted}). Declare 'primary key ({wanted})' in table.sql, or change which properties are marked [Key].";
    }

    private static string KeyOf(IReadOnlyList<ColumnDefinition> columns) =>
        string.Join(", ", columns.Where(column => column.KeyOrdinal > 0).OrderBy(column => column.KeyOrdinal).Select(column => column.Name));
}
