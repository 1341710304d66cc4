using Npgsql;

namespace Projections.Migrations.Safety.Catalog;

/// <summary>
/// Reads a <see cref="CatalogSnapshot"/>, inside the transaction that is open on its connection if there is one. Schemas named <c>throwaway_…</c>
/// are the trial's own.
/// </summary>
internal sealed class CatalogReader(NpgsqlConnection connection)
{
    private const string Sql =
        """
        SELECT oid, nspname::text FROM pg_namespace
         WHERE nspname !~ '^(pg_|throwaway_)' AND nspname <> 'information_schema';

        SELECT c.oid, n.nspname::text, c.relname::text, c.relkind, c.relfilenode, coalesce(i.inhparent, 0), c.relrowsecurity,
               CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
               CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, pg_get_userbyid(c.relowner)::text
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND NOT i.inhdetachpending
         WHERE n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema'
         ORDER BY i.inhseqno;

        SELECT a.attrelid, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '', a.attgenerated <> ''
          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
           AND n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema';

        SELECT k.oid, k.conrelid, k.contypid, k.conname::text, k.contype, k.convalidated, k.confrelid, k.conindid,
               coalesce(k.conkey, '{}'), pg_get_constraintdef(k.oid)
          FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
         WHERE n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema';

        SELECT i.indexrelid, i.indrelid, i.indisunique, i.indisvalid, i.indpred IS NOT NULL,
               (i.indkey::smallint[])[0:i.indnkeyatts - 1], pg_get_indexdef(i.indexrelid)
          FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema';

        SELECT t.oid, t.oid::regtype::text, t.typtype = 'd', t.typnotnull,
               ARRAY(SELECT e.oid FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
               ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
         WHERE t.typtype IN ('d', 'e') AND n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema';

        SELECT p.oid, p.oid::regprocedure::text, pg_get_function_arguments(p.oid), coalesce(pg_get_function_result(p.oid), '')
          FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema';

        SELECT polrelid, polname::text FROM pg_policy;

        SELECT o.kind, o.oid, o.part, coalesce(r.rolname::text, ''), a.privilege_type, o.name
          FROM (
            SELECT 'r' AS kind, c.oid, 0::smallint AS part, format('%I.%I', n.nspname, c.relname) AS name, c.relowner AS owner, c.relacl AS acl
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relacl IS NOT NULL AND n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema'
            UNION ALL
            SELECT 'r', c.oid, t.attnum, format('%I.%I.%I', n.nspname, c.relname, t.attname), c.relowner, t.attacl
              FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema'
            UNION ALL
            SELECT 'n', n.oid, 0::smallint, format('schema %I', n.nspname), n.nspowner, n.nspacl FROM pg_namespace n
             WHERE n.nspacl IS NOT NULL AND n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema'
            UNION ALL
            SELECT 'f', p.oid, 0::smallint, p.oid::regprocedure::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
              FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname !~ '^(pg_|throwaway_)' AND n.nspname <> 'information_schema'
          ) o, aclexplode(o.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE a.grantee <> o.owner;
        """;

    public async Task<CatalogSnapshot> ReadAsync(CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var query in Sql.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(query));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return new CatalogSnapshot
        {
            Schemas = await ReadAsync(reader, row => (Oid(row, 0), row.GetString(1)), cancellationToken),
            Relations = await ReadAsync(reader, Relation, cancellationToken),
            Columns = await ReadAsync(reader, Column, cancellationToken),
            Constraints = await ReadAsync(reader, Constraint, cancellationToken),
            Indexes = await ReadAsync(reader, Index, cancellationToken),
            Types = await ReadAsync(reader, Type, cancellationToken),
            Routines = await ReadAsync(reader, Routine, cancellationToken),
            Policies = await ReadAsync(reader, row => ((Oid(row, 0), row.GetString(1)), row.GetString(1)), cancellationToken),
            Rights = await ReadAsync(reader, Right, cancellationToken),
        };
    }

    private static async Task<IReadOnlyDictionary<TKey, T>> ReadAsync<TKey, T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, (TKey Key, T Value)> read, CancellationToken cancellationToken)
        where TKey : notnull
    {
        var entries = new Dictionary<TKey, T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var (key, value) = read(reader);
            entries.TryAdd(key, value);
        }

        await reader.NextResultAsync(cancellationToken);
        return entries;
    }

    private static (uint Key, CatalogRelation Value) Relation(NpgsqlDataReader row) =>
        (Oid(row, 0), new CatalogRelation(
            Oid(row, 0), row.GetString(1), row.GetString(2), row.GetChar(3), Oid(row, 4), Oid(row, 5), row.GetBoolean(6), Text(row, 7), Text(row, 8), row.GetString(9)));

    private static ((uint, short) Key, CatalogColumn Value) Column(NpgsqlDataReader row) =>
        ((Oid(row, 0), row.GetInt16(1)), new CatalogColumn(
            Oid(row, 0), row.GetInt16(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), Text(row, 5), row.GetBoolean(6), row.GetBoolean(7)));

    private static (uint Key, CatalogConstraint Value) Constraint(NpgsqlDataReader row) =>
        (Oid(row, 0), new CatalogConstraint(
            Oid(row, 0), Oid(row, 1), Oid(row, 2), row.GetString(3), row.GetChar(4), row.GetBoolean(5), Oid(row, 6), Oid(row, 7),
            row.GetFieldValue<short[]>(8), row.GetString(9)));

    private static (uint Key, CatalogIndex Value) Index(NpgsqlDataReader row) =>
        (Oid(row, 0), new CatalogIndex(
            Oid(row, 0), Oid(row, 1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetFieldValue<short[]>(5), row.GetString(6)));

    private static (uint Key, CatalogType Value) Type(NpgsqlDataReader row)
    {
        var labels = row.GetFieldValue<uint[]>(4).Zip(row.GetFieldValue<string[]>(5)).ToDictionary(pair => pair.First, pair => pair.Second);
        return (Oid(row, 0), new CatalogType(Oid(row, 0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), labels));
    }

    private static (uint Key, CatalogRoutine Value) Routine(NpgsqlDataReader row) =>
        (Oid(row, 0), new CatalogRoutine(Oid(row, 0), row.GetString(1), row.GetString(2), row.GetString(3)));

    private static ((char, uint, short, string, string) Key, CatalogRight Value) Right(NpgsqlDataReader row)
    {
        var right = new CatalogRight(row.GetString(0)[0], Oid(row, 1), row.GetInt16(2), row.GetString(3), row.GetString(4), row.GetString(5));
        return (right.Key, right);
    }

    private static uint Oid(NpgsqlDataReader row, int column) => row.GetFieldValue<uint>(column);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
