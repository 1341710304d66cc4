using Npgsql;

namespace Projections.Tables;

/// <summary>The columns of a table as the database has it.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Columns">All columns but generated ones, which follow from the others and which nobody writes.</param>
public sealed record TableShape(string Table, IReadOnlyList<ColumnDefinition> Columns)
{
    /// <summary>Reads a table's shape.</summary>
    /// <returns>The shape, or <c>null</c> when there is no such table.</returns>
    public static async Task<TableShape?> ReadAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select a.attname,
                   pg_catalog.format_type(a.atttypid, a.atttypmod),
                   not a.attnotnull,
                   coalesce(array_position(k.conkey, a.attnum), 0)
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            left join pg_catalog.pg_attribute a
              on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            left join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
            where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')
            order by a.attnum
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = schema });
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return null;
        }

        var columns = new List<ColumnDefinition>();
        do
        {
            if (!await reader.IsDBNullAsync(0, cancellationToken))
            {
                columns.Add(new ColumnDefinition(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt32(3)));
            }
        }
        while (await reader.ReadAsync(cancellationToken));

        return new TableShape(table, columns);
    }

    /// <summary>Compares what a row type asks for with what the table has, column by column.</summary>
    /// <returns>A sentence for each difference that says what to change; empty when the two fit.</returns>
    public IReadOnlyList<string> DifferencesFrom(IReadOnlyList<ColumnDefinition> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
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
