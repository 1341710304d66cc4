using Npgsql;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Schemas;

/// <summary>
/// Everything that makes up a schema as lines of text, each with the object it belongs to, so that two states can be compared. Nothing in it
/// depends on internal numbers, and a column's place counts only those that are there.
/// </summary>
internal static class SchemaDump
{
    private const string Sql =
        """
        WITH member AS (
            SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
        ),
        leftout AS (
            SELECT to_regclass(name)::oid AS oid FROM unnest($2::text[]) name
            UNION ALL
            SELECT d.objid FROM pg_depend d JOIN unnest($2::text[]) name ON d.refobjid = to_regclass(name)
             WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
            UNION ALL
            SELECT objid FROM member WHERE classid = 'pg_class'::regclass
        ),
        ns AS (
            SELECT oid, nspname, nspowner, nspacl FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1) AND ($3::text[] IS NULL OR nspname = ANY ($3))
        ),
        rel AS (
            SELECT c.*, format('%I.%I', ns.nspname, c.relname) AS name,
                   CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
                                  WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'type'
                                  WHEN 'f' THEN 'foreign table' ELSE 'index' END AS kind
              FROM pg_class c JOIN ns ON ns.oid = c.relnamespace
             WHERE NOT EXISTS (SELECT FROM leftout WHERE leftout.oid = c.oid)
        ),
        fn AS (
            SELECT p.*, format('routine %s', p.oid::regprocedure) AS name FROM pg_proc p JOIN ns ON ns.oid = p.pronamespace
             WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
        ),
        ty AS (
            SELECT t.*, format('type %I.%I', ns.nspname, t.typname) AS name FROM pg_type t JOIN ns ON ns.oid = t.typnamespace
             WHERE t.typtype IN ('e', 'd', 'r') AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid)
        ),
        line (object, detail) AS (
            SELECT format('schema %I', nspname), format('owner %s, grants %s', nspowner::regrole, nspacl) FROM ns
            UNION ALL
            SELECT format('extension %I', extname), format('version %s', extversion) FROM pg_extension
            UNION ALL
            SELECT format('%s %s', kind, name),
                   format('owner %s, grants %s, persistence %s, options %s, row security %s, forced %s, replica identity %s, access method %s',
                          relowner::regrole, relacl, relpersistence, reloptions, relrowsecurity, relforcerowsecurity, relreplident,
                          (SELECT amname FROM pg_am WHERE pg_am.oid = relam))
              FROM rel WHERE relkind NOT IN ('i', 'I')
            UNION ALL
            SELECT format('%s %s', kind, name), format('partitioned by %s', pg_get_partkeydef(oid)) FROM rel WHERE relkind = 'p'
            UNION ALL
            SELECT format('%s %s', rel.kind, rel.name),
                   format('child %s of %s %s', i.inhseqno, i.inhparent::regclass, pg_get_expr(rel.relpartbound, rel.oid))
              FROM rel JOIN pg_inherits i ON i.inhrelid = rel.oid WHERE rel.relkind NOT IN ('i', 'I')
            UNION ALL
            SELECT format('%s %s', kind, name), pg_get_viewdef(oid) FROM rel WHERE relkind IN ('v', 'm')
            UNION ALL
            SELECT format('%s %s', rel.kind, rel.name),
                   format('column %s: %I %s%s%s%s%s%s, storage %s, compression %s, statistics %s, options %s, grants %s',
                          row_number() OVER (PARTITION BY rel.oid ORDER BY a.attnum), a.attname, format_type(a.atttypid, a.atttypmod),
                          (SELECT ' COLLATE ' || c.collname FROM pg_collation c, pg_type t
                            WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation),
                          CASE WHEN a.attnotnull THEN ' NOT NULL' END,
                          CASE WHEN a.attgenerated = '' THEN ' DEFAULT ' ELSE ' GENERATED ' END || pg_get_expr(d.adbin, d.adrelid),
                          CASE a.attidentity WHEN 'a' THEN ' IDENTITY ALWAYS' WHEN 'd' THEN ' IDENTITY BY DEFAULT' END,
                          CASE WHEN a.attinhcount > 0 THEN ' INHERITED' END,
                          a.attstorage, a.attcompression, a.attstattarget, a.attoptions, a.attacl)
              FROM rel JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
             WHERE rel.relkind IN ('r', 'p', 'v', 'm', 'c', 'f')
            UNION ALL
            SELECT coalesce(rel.kind || ' ' || rel.name, ty.name),
                   format('constraint %I %s%s', k.conname, pg_get_constraintdef(k.oid), CASE WHEN k.coninhcount > 0 THEN ' INHERITED' END)
              FROM pg_constraint k LEFT JOIN rel ON rel.oid = k.conrelid LEFT JOIN ty ON ty.oid = k.contypid
             WHERE rel.oid IS NOT NULL OR ty.oid IS NOT NULL
            UNION ALL
            SELECT format('%s %s', rel.kind, rel.name),
                   format('%s%s%s%s, options %s', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN ' INVALID' END,
                          CASE WHEN i.indisclustered THEN ' CLUSTERED' END, CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' END, c.reloptions)
              FROM pg_index i JOIN rel ON rel.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
            UNION ALL
            SELECT format('sequence %s', rel.name),
                   format('%s from %s by %s between %s and %s, cache %s, cycle %s, owned by %s', format_type(s.seqtypid, NULL), s.seqstart,
                          s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
                          (SELECT format('%s.%I', d.refobjid::regclass, a.attname) FROM pg_depend d
                             JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                            WHERE d.objid = rel.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')))
              FROM rel JOIN pg_sequence s ON s.seqrelid = rel.oid
            UNION ALL
            SELECT fn.name, format('%s, owner %s, grants %s', CASE WHEN fn.prokind = 'a' THEN 'aggregate' ELSE pg_get_functiondef(fn.oid) END,
                                   fn.proowner::regrole, fn.proacl) FROM fn
            UNION ALL
            SELECT format('%s %s', rel.kind, rel.name), format('%s, enabled %s', pg_get_triggerdef(t.oid), t.tgenabled)
              FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal
            UNION ALL
            SELECT format('%s %s', rel.kind, rel.name), pg_get_ruledef(r.oid)
              FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class WHERE r.rulename <> '_RETURN'
            UNION ALL
            SELECT format('%s %s', rel.kind, rel.name),
                   format('policy %I %s for %s to %s using %s check %s', p.polname,
                          CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, p.polcmd,
                          (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE r::regrole::text END, ', ' ORDER BY r) FROM unnest(p.polroles) r),
                          pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
              FROM pg_policy p JOIN rel ON rel.oid = p.polrelid
            UNION ALL
            SELECT ty.name,
                   format('owner %s, grants %s, %s%s%s%s', ty.typowner::regrole, ty.typacl,
                          (SELECT 'enum ' || string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = ty.oid),
                          CASE WHEN ty.typtype = 'd' THEN 'domain ' || format_type(ty.typbasetype, ty.typtypmod) END,
                          ' DEFAULT ' || ty.typdefault, CASE WHEN ty.typnotnull THEN ' NOT NULL' END)
              FROM ty
            UNION ALL
            SELECT format('statistics %I', s.stxname), pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN ns ON ns.oid = s.stxnamespace
            UNION ALL
            SELECT format('event trigger %I', evtname), format('%s %s %s', evtevent, evtfoid::regproc, evtenabled) FROM pg_event_trigger
            UNION ALL
            SELECT format('publication %I', p.pubname), format('all tables %s: %s', p.puballtables,
                   (SELECT string_agg(t.prrelid::regclass::text, ', ' ORDER BY t.prrelid::regclass::text) FROM pg_publication_rel t WHERE t.prpubid = p.oid))
              FROM pg_publication p
            UNION ALL
            SELECT 'default privileges', format('%s %s %s %s', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl)
              FROM pg_default_acl
            UNION ALL
            SELECT format('%s %s', o.type, o.identity), format('comment %L', d.description)
              FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o
             WHERE NOT EXISTS (SELECT FROM member WHERE member.classid = d.classoid AND member.objid = d.objoid)
               AND (o.schema IN (SELECT nspname FROM ns) OR (d.classoid = 'pg_namespace'::regclass AND d.objoid IN (SELECT oid FROM ns))
                OR (d.classoid IN ('pg_constraint'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_rewrite'::regclass)
                    AND o.identity ~ ('\m(' || (SELECT string_agg(nspname, '|') FROM ns) || ')\.')))
        )
        SELECT object, detail FROM line ORDER BY object COLLATE "C", detail COLLATE "C"
        """;

    /// <summary>Reads everything.</summary>
    public static Task<IReadOnlyList<SchemaLine>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ReadAsync(connection, null, [], cancellationToken);

    /// <param name="connection">The database. Its search path is changed.</param>
    /// <param name="schemas">The schemas that count; <c>null</c> for all.</param>
    /// <param name="leftOut">Quoted and qualified names of tables that do not count, such as tracking tables.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public static async Task<IReadOnlyList<SchemaLine>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<string>? schemas, IReadOnlyList<string> leftOut, CancellationToken cancellationToken)
    {
        // Names in definitions are qualified, whatever the search path of the database.
        await connection.ExecuteLongAsync("SET search_path = ''", cancellationToken);
        return await connection.QueryAsync(
            Sql, row => new SchemaLine(row.GetString(0), row.GetString(1)), cancellationToken,
            TrackingTable.SchemaOnCopies, leftOut.ToArray(), schemas?.ToArray());
    }

    /// <summary>The schemas that have anything in them, but for what extensions put there.</summary>
    public static async Task<IReadOnlyList<string>> ReadSchemasAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            SELECT nspname::text FROM pg_namespace n
             WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1)
               AND (nspname <> 'public'
                    OR EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = n.oid
                                  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')))
            """,
            row => row.GetString(0), cancellationToken, TrackingTable.SchemaOnCopies);
}
