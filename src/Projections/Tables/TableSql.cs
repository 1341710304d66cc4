using System.Text;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>Writes the SQL of a table from the columns that a row type asks for.</summary>
internal static class TableSql
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

    // As people write it: quotes only where PostgreSQL asks for them.
    private static string Name(string name) =>
        name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') && !char.IsAsciiDigit(name[0]) && !Reserved.Contains(name)
            ? name
            : SqlName.Quote(name);

    /// <summary>The words that PostgreSQL takes for no column's name; from appendix C of its manual.</summary>
    private static readonly HashSet<string> Reserved =
    [
        "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary", "both", "case", "cast", "check",
        "collate", "collation", "column", "concurrently", "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
        "current_schema", "current_time", "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end",
        "except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in", "initially", "inner",
        "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like", "limit", "localtime", "localtimestamp", "natural", "not",
        "notnull", "null", "offset", "on", "only", "or", "order", "outer", "overlaps", "placing", "primary", "references", "returning", "right",
        "select", "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "then", "to", "trailing", "true", "union",
        "unique", "user", "using", "variadic", "verbose", "when", "where", "window", "with",
    ];
}
