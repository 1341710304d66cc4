using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Tables;

/// <summary>Finds the columns of tables in the database's own catalog.</summary>
internal static class TableShapes
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
                   coalesce(array_position(k.conkey, a.attnum), 0),
                   (select i.indcollation::text from pg_catalog.pg_index i where i.indexrelid = k.conindid)
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
        var collations = reader.GetNullable<string>(4);
        do
        {
            if (!await reader.IsDBNullAsync(0, cancellationToken))
            {
                columns.Add(new ColumnDefinition(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt32(3)));
            }
        }
        while (await reader.ReadAsync(cancellationToken));

        return new TableShape(table, columns, collations);
    }
}
