using System.Text;
using Npgsql;
using Projections.Commands;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Scaffolding;

/// <summary>The first version of a projection for a table that there is: its columns, keys, defaults, checks and indexes, and a row class to them.</summary>
internal static class TableScaffold
{
    /// <summary>What can be part of a key, as properties have it.</summary>
    private static readonly string[] KeyTypes = ["short", "int", "long", "Guid", "string", "bool", "DateOnly", "DateTime"];

    /// <param name="connection">An open connection.</param>
    /// <param name="schema">The table's schema.</param>
    /// <param name="table">The table; the projection has its name.</param>
    /// <param name="rootNamespace">What the namespace of the class begins with, such as <c>Shop.ReadModels</c>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="OperationRefused">There is no such table, it has no key, or a column of a type that no property can hold.</exception>
    public static async Task<IReadOnlyList<ScaffoldedFile>> OfAsync(NpgsqlConnection connection, string schema, string table, string rootNamespace, CancellationToken cancellationToken)
    {
        var projection = NameOf(table);
        var columns = await ColumnsAsync(connection, schema, table, cancellationToken);
        if (columns.Count == 0)
        {
            throw new OperationRefused($"Cannot scaffold '{table}': there is no table of that name in the schema '{schema}'.", isMistake: true);
        }

        if (ProblemOf(columns) is { } problem)
        {
            throw new OperationRefused($"Cannot scaffold '{table}': {problem}");
        }

        var constraints = await TextsAsync(connection, ConstraintSql, schema, table, cancellationToken);
        var indexes = await TextsAsync(connection, IndexSql, schema, table, cancellationToken);
        var id = new VersionId(projection, 1);
        var name = string.Concat(projection.Value.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        var folder = $"projections/{name}/V1";
        List<ScaffoldedFile> files =
        [
            new($"{folder}/table.sql", TableSql(id, columns, constraints)),
            new($"{folder}/down.sql", $"drop table {id.Table};\n"),
            new($"{folder}/{name}V1.cs", ClassText(id, name, rootNamespace, columns)),
        ];
        if (indexes.Count > 0)
        {
            files.Add(new($"{folder}/indexes.sql", string.Concat(indexes.Select(index => $"create {index.Replace("?", id.Table, StringComparison.Ordinal)};\n"))));
        }

        return files;
    }

    // Constraints that refer to other tables are left out: a read model stands by itself.
    private const string ConstraintSql =
        """
        select pg_catalog.pg_get_constraintdef(k.oid)
        from pg_catalog.pg_constraint k
        where k.conrelid = format('%I.%I', $1, $2)::regclass and k.contype in ('p', 'u', 'c')
        order by k.contype = 'p' desc, k.contype, k.conname
        """;

    // What stands before the method names the index and the table; the index gets a name of its own.
    private const string IndexSql =
        """
        select case when i.indisunique then 'unique ' else '' end || 'index on ? '
            || substr(d.text, strpos(d.text, ' ON ' || i.indrelid::regclass::text || ' ') + length(' ON ' || i.indrelid::regclass::text || ' '))
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indexrelid
        cross join lateral (select replace(pg_catalog.pg_get_indexdef(i.indexrelid), format(' ON %I.%I ', $1, $2), ' ON ' || i.indrelid::regclass::text || ' ') as text) d
        where i.indrelid = format('%I.%I', $1, $2)::regclass and not exists (select from pg_catalog.pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
        order by c.relname
        """;

    private static ProjectionName NameOf(string table)
    {
        try
        {
            return new ProjectionName(table);
        }
        catch (ArgumentException refused)
        {
            throw new OperationRefused($"Cannot scaffold '{table}': {refused.Message}", isMistake: true);
        }
    }

    private static async Task<List<ScaffoldedColumn>> ColumnsAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), not a.attnotnull, coalesce(array_position(k.conkey, a.attnum), 0),
                   case when a.attgenerated = '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
                   case when a.attgenerated <> '' then pg_catalog.pg_get_expr(d.adbin, d.adrelid) end,
                   quote_ident(a.attname)
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            left join pg_catalog.pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            left join pg_catalog.pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
            where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')
            order by a.attnum
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = schema });
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var columns = new List<ScaffoldedColumn>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var standard = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetString(4);
            columns.Add(new ScaffoldedColumn(
                new ColumnDefinition(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2), reader.GetInt32(3)),
                reader.GetString(6),
                // A sequence belongs to the table that is left behind, and each row is written with all its values.
                standard?.StartsWith("nextval(", StringComparison.Ordinal) == true ? null : standard,
                await reader.IsDBNullAsync(5, cancellationToken) ? null : reader.GetString(5)));
        }

        return columns;
    }

    private static async Task<List<string>> TextsAsync(NpgsqlConnection connection, string sql, string schema, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = schema });
        command.Parameters.Add(new NpgsqlParameter { Value = table });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var texts = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    private static string? ProblemOf(List<ScaffoldedColumn> columns)
    {
        var unheld = columns.Where(column => column is { Generated: null, Type: null }).Select(column => $"{column.Definition.Name} ({column.Definition.Type})").ToList();
        var key = columns.Where(column => column.Definition.KeyOrdinal > 0).ToList();
        var wrong = key.Where(column => !KeyTypes.Contains(column.Type) || column.Definition.Type is "citext" or "json" or "jsonb").Select(column => $"{column.Definition.Name} ({column.Definition.Type})").ToList();
        return unheld.Count > 0 ? $"no property can hold {string.Join(", ", unheld)}. Give the version's table other types for them (text for an enum, timestamptz for timestamp), and write it by hand."
            : key.Count == 0 ? "it has no primary key, by which rows would be folded. Say what identifies a row, and write it by hand."
            : wrong.Count > 0 ? $"{string.Join(", ", wrong)} cannot be part of a key: such values compare differently in memory and in PostgreSQL."
            : null;
    }

    private static string TableSql(VersionId id, List<ScaffoldedColumn> columns, List<string> constraints) =>
        $"create table {id.Table} (\n{string.Join(",\n", columns.Select(column => column.Sql).Concat(constraints).Select(line => $"    {line}"))}\n);\n";

    private static string ClassText(VersionId id, string name, string rootNamespace, List<ScaffoldedColumn> columns)
    {
        var properties = new List<(ScaffoldedColumn Column, string Name)>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns.Where(column => column.Generated is null).OrderBy(column => column.Definition.KeyOrdinal == 0 ? int.MaxValue : column.Definition.KeyOrdinal))
        {
            var property = column.PropertyName(used);
            used.Add(property);
            properties.Add((column, property));
        }

        var key = properties.Where(one => one.Column.Definition.KeyOrdinal > 0).ToList();
        var parts = string.Join(", ", key.Select(part => $"{part.Column.Type} {part.Name}"));
        var keyType = key is [var only] ? only.Column.Type! : $"{name}V1.Key";
        var needsColumn = properties.Exists(one => one.Column.Property(one.Name).Contains("[Column(", StringComparison.Ordinal));
        var text = new StringBuilder();
        text.Append($$"""
            using System.ComponentModel.DataAnnotations;
            {{(needsColumn ? "using System.ComponentModel.DataAnnotations.Schema;\n" : "")}}using Projections.Events;
            using Projections.Tables;

            namespace {{rootNamespace}}.{{name}}.V1;

            /// <summary>Made from the table {{id.Projection}}. Say in Define what your events do to its rows.</summary>
            public sealed class {{name}}V1() : TableProjection<{{keyType}}, {{name}}V1.Row>("{{id.Projection}}", 1, Types)
            {
                // In place of this: the event types of your store.
                private static readonly EventTypes Types = global::Projections.Events.EventTypes.Create(types => types.Map<RowSeen>("{{id.Projection}}_row_seen"));

                protected override void Define(FoldDefinition<{{keyType}}, Row> on) =>
                    on.Event<RowSeen>().By(e => {{(key.Count == 1 ? $"e.Data.{key[0].Name}" : $"new Key({string.Join(", ", key.Select(part => $"e.Data.{part.Name}"))})")}}).Upserts((row, e) => { });

            {{(key.Count == 1 ? "" : $"    public readonly record struct Key({parts});\n\n")}}    public sealed record RowSeen({{parts}});

                public sealed class Row
                {

            """);
        text.AppendJoin("\n\n", properties.Select(one => one.Column.Property(one.Name)));
        text.Append("\n    }\n}\n");
        return text.ToString().ReplaceLineEndings("\n");
    }
}
