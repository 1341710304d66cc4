using Npgsql;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Copies;

/// <summary>Reads which tables can hold rows, and what their columns ask of a value.</summary>
internal sealed class SampleTables(NpgsqlConnection connection)
{
    private const string Sql =
        """
        SELECT c.oid, format('%I.%I', n.nspname, c.relname), quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
               format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END, NULL),
               CASE WHEN t.typtype = 'd' THEN b.typcategory ELSE t.typcategory END,
               a.attnotnull, a.atthasdef OR a.attidentity <> '',
               ARRAY(
                   SELECT pg_get_expr(k.conbin, k.conrelid) FROM pg_constraint k
                    WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
                   UNION ALL
                   SELECT pg_get_partition_constraintdef(c.oid)
                    WHERE c.relispartition AND pg_get_partition_constraintdef(c.oid) ~ ('\m' || a.attname || '\M')
               )
          FROM pg_class c
          JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
          JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_type b ON b.oid = t.typbasetype
         WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
         ORDER BY c.oid, a.attnum
        """;

    public async Task<IReadOnlyList<SampleTable>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new() { Value = TrackingTable.SchemaOnCopies });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<SampleTable>();
        var columns = new List<SampleColumn>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var oid = reader.GetFieldValue<uint>(0);
            if (tables.Count == 0 || tables[^1].Oid != oid)
            {
                columns = [];
                tables.Add(new SampleTable(oid, reader.GetString(1), columns));
            }

            columns.Add(new SampleColumn(
                reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetChar(5), reader.GetBoolean(6), reader.GetBoolean(7),
                reader.GetFieldValue<string[]>(8)));
        }

        return tables;
    }
}
