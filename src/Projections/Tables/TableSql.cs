using System.Text;

namespace Projections.Tables;

/// <summary>Writes the SQL of a table from the columns that a row type asks for.</summary>
public static class TableSql
{
    public static string Create(string table, IReadOnlyList<ColumnDefinition> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        string[] names = [.. columns.Select(column => Name(column.Name))];
        var nameWidth = names.Max(name => name.Length);
        var lines = columns.Select((column, i) => $"    {names[i].PadRight(nameWidth)} {column.Type}{(column.IsNullable ? "" : " not null")}").ToList();
        var key = columns.Where(column => column.KeyOrdinal > 0).OrderBy(column => column.KeyOrdinal).Select(column => Name(column.Name)).ToList();
        if (key.Count > 0)
        {
            lines.Add($"    primary key ({string.Join(", ", key)})");
        }

        return new StringBuilder($"create table {Name(table)} (\n").AppendJoin(",\n", lines).Append("\n);\n").ToString();
    }

    public static string Drop(string table) => $"drop table {Name(table)};\n";

    // Names of small letters, digits and underscores are shown bare, as people write them; a reserved word would need its quotes, so
    // everything that is no plain word with an underscore or in the ordinary words of columns keeps them.
    private static string Name(string name) =>
        name.Contains('_', StringComparison.Ordinal) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && !char.IsAsciiDigit(name[0])
            ? name
            : SqlName.Quote(name);
}
