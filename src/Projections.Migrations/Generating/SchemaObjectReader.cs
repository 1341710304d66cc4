using Npgsql;
using Projections.Migrations.Schemas;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Generating;

/// <summary>Reads a <see cref="SchemaModel"/> out of a database's catalog.</summary>
internal static class SchemaObjectReader
{
    private static readonly string Objects =
        SchemaDump.Common +
        """
        ,
        own AS (
            SELECT * FROM rel WHERE relkind = 'r' AND NOT relispartition AND NOT EXISTS (SELECT FROM pg_inherits i WHERE rel.oid IN (i.inhrelid, i.inhparent))
        ),
        behind AS (
            SELECT * FROM pg_constraint WHERE contype IN ('p', 'u', 'x')
        ),
        stored (class, named) AS (
            VALUES ('p'::"char", 'PLAIN'), ('e', 'EXTERNAL'), ('x', 'EXTENDED'), ('m', 'MAIN')
        ),
        option (host, kind, name, word, value) AS (
            SELECT 'Table ' || own.name, 'TABLE', own.name, quote_ident(split_part(o, '=', 1)), substr(o, strpos(o, '=') + 1) FROM own, unnest(own.reloptions) o
            UNION ALL
            SELECT 'Table ' || own.name, 'TABLE', own.name, 'toast.' || quote_ident(split_part(o, '=', 1)), substr(o, strpos(o, '=') + 1)
              FROM own JOIN pg_class t ON t.oid = own.reltoastrelid, unnest(t.reloptions) o
        ),
        own_column AS (
            SELECT a.*, own.name AS host, format('%s.%I', own.name, a.attname) AS name, format('ALTER TABLE %s ALTER COLUMN %I', own.name, a.attname) AS alter
              FROM own JOIN pg_attribute a ON a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped
        ),
        -- What is granted by default is no fact, but that it was taken away is one.
        granting (host, kind, name, part, acl, standard, owner) AS (
            SELECT CASE relkind WHEN 'r' THEN 'Table ' WHEN 'v' THEN 'View ' WHEN 'm' THEN 'MaterializedView ' ELSE 'Sequence ' END || name,
                   CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, name, '', relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner), relowner
              FROM rel
             WHERE relkind IN ('v', 'm') OR oid IN (SELECT oid FROM own)
                OR (relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.deptype = 'i'))
            UNION ALL
            SELECT 'Column ' || c.name, 'TABLE', c.host, format(' (%I)', c.attname), c.attacl, acldefault('c', own.relowner), own.relowner
              FROM own_column c JOIN own ON own.oid = c.attrelid
            UNION ALL
            SELECT 'Routine ' || oid::regprocedure::text, CASE prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, oid::regprocedure::text, '',
                   proacl, acldefault('f', proowner), proowner
              FROM fn WHERE prokind <> 'a'
            UNION ALL
            SELECT 'Type ' || substr(name, 6), 'TYPE', substr(name, 6), '', typacl, acldefault('T', typowner), typowner FROM ty WHERE typtype <> 'r'
            UNION ALL
            SELECT 'Schema ' || quote_ident(nspname), 'SCHEMA', quote_ident(nspname), '', nspacl, acldefault('n', nspowner), nspowner FROM ns WHERE nspname <> 'public'
        ),
        given AS (
            SELECT g.host, e.privilege_type || g.part AS privilege, format('%s %s', g.kind, g.name) AS thing, r.role, e.is_grantable, standard.hit
              FROM granting g, unnest(ARRAY[false, true]) standard (hit), aclexplode(CASE WHEN standard.hit THEN g.standard ELSE coalesce(g.acl, g.standard) END) e,
                   lateral (SELECT CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE e.grantee::regrole::text END) r (role)
             WHERE e.grantee <> g.owner
        ),
        setting (host, name, made, dropped) AS (
            SELECT host, format('%s (%s)', name, word), format('ALTER %s %s SET (%s = %L)', kind, name, word, value), format('ALTER %s %s RESET (%s)', kind, name, word) FROM option
            UNION ALL
            SELECT 'Table ' || name, format('%s replica identity', name), format('ALTER TABLE %s REPLICA IDENTITY %s', name, CASE relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END),
                   format('ALTER TABLE %s REPLICA IDENTITY DEFAULT', name)
              FROM own WHERE relreplident IN ('f', 'n')
            UNION ALL
            SELECT 'Column ' || c.name, format('%s storage', c.name), format('%s SET STORAGE %s', c.alter, now.named), format('%s SET STORAGE %s', c.alter, usual.named)
              FROM own_column c JOIN pg_type t ON t.oid = c.atttypid JOIN stored now ON now.class = c.attstorage JOIN stored usual ON usual.class = t.typstorage
             WHERE c.attstorage <> t.typstorage
            UNION ALL
            SELECT 'Column ' || name, format('%s compression', name), format('%s SET COMPRESSION %s', alter, CASE attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END),
                   format('%s SET COMPRESSION DEFAULT', alter)
              FROM own_column WHERE attcompression <> ''
            UNION ALL
            SELECT 'Column ' || name, format('%s statistics', name), format('%s SET STATISTICS %s', alter, attstattarget), format('%s SET STATISTICS -1', alter)
              FROM own_column WHERE attstattarget >= 0
            UNION ALL
            SELECT 'Column ' || name, format('%s (%s)', name, split_part(o, '=', 1)), format('%s SET (%s = %L)', alter, split_part(o, '=', 1), split_part(o, '=', 2)),
                   format('%s RESET (%s)', alter, split_part(o, '=', 1))
              FROM own_column, unnest(attoptions) o WHERE o NOT LIKE 'pg\_attver=%'
            UNION ALL
            SELECT format('Trigger %s.%I', rel.name, t.tgname), format('%s.%I state', rel.name, t.tgname),
                   format('ALTER TABLE %s %s TRIGGER %I', rel.name, CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname),
                   format('ALTER TABLE %s ENABLE TRIGGER %I', rel.name, t.tgname)
              FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'O'
            UNION ALL
            SELECT host, format('%s on %s for %s', privilege, thing, role), format('GRANT %s ON %s TO %s%s', privilege, thing, role, CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END),
                   format('REVOKE %s ON %s FROM %s', privilege, thing, role)
              FROM (SELECT host, privilege, thing, role, bool_or(is_grantable) AS is_grantable FROM given WHERE NOT hit GROUP BY 1, 2, 3, 4) now
             WHERE NOT EXISTS (SELECT FROM given usual WHERE usual.hit AND (usual.host, usual.privilege, usual.role) = (now.host, now.privilege, now.role))
            UNION ALL
            SELECT host, format('no %s on %s for %s', usual.privilege, thing, role), format('REVOKE %s ON %s FROM %s', usual.privilege, thing, role), format('GRANT %s ON %s TO %s', usual.privilege, thing, role)
              FROM given usual
             WHERE hit AND NOT EXISTS (SELECT FROM given now WHERE NOT now.hit AND (now.host, now.privilege, now.role) = (usual.host, usual.privilege, usual.role))
        ),
        object (kind, name, parent, class, oid, sub, made, dropped, traits) AS (
            SELECT 'Schema', format('%I', nspname), NULL, 'pg_namespace'::regclass, oid, 0,
                   format('CREATE SCHEMA %I', nspname), format('DROP SCHEMA %I', nspname), ARRAY[]::text[]
              FROM ns WHERE nspname <> 'public'
            UNION ALL
            SELECT 'Extension', format('%I', e.extname), NULL, 'pg_extension'::regclass, e.oid, 0,
                   format('CREATE EXTENSION %I WITH SCHEMA %I', e.extname, n.nspname), format('DROP EXTENSION %I', e.extname), ARRAY[]::text[]
              FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'
            UNION ALL
            SELECT CASE ty.typtype WHEN 'r' THEN 'Other' ELSE 'Type' END, substr(ty.name, 6), NULL, 'pg_type'::regclass, ty.oid, 0,
                   CASE ty.typtype
                     WHEN 'e' THEN format('CREATE TYPE %s AS ENUM (%s)', substr(ty.name, 6),
                                          (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = ty.oid))
                     ELSE format('CREATE DOMAIN %s AS %s%s%s%s', substr(ty.name, 6), format_type(ty.typbasetype, ty.typtypmod),
                                 ' DEFAULT ' || ty.typdefault, CASE WHEN ty.typnotnull THEN ' NOT NULL' END,
                                 (SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid)), '' ORDER BY k.conname)
                                    FROM pg_constraint k WHERE k.contypid = ty.oid AND k.contype = 'c'))
                   END,
                   format('DROP %s %s', CASE ty.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, substr(ty.name, 6)),
                   CASE ty.typtype
                     WHEN 'e' THEN ARRAY['e'] || ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = ty.oid ORDER BY e.enumsortorder)
                     ELSE ARRAY[ty.typtype::text, format_type(ty.typbasetype, ty.typtypmod), ty.typdefault, ty.typnotnull::text]
                          || ARRAY(SELECT fact FROM pg_constraint k, unnest(ARRAY[quote_ident(k.conname), pg_get_constraintdef(k.oid)]) WITH ORDINALITY f (fact, place)
                                    WHERE k.contypid = ty.oid AND k.contype = 'c' ORDER BY k.conname, place)
                   END
              FROM ty
            UNION ALL
            SELECT 'Type', rel.name, NULL, 'pg_class'::regclass, rel.oid, 0,
                   format('CREATE TYPE %s AS (%s)', rel.name,
                          (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
                             FROM pg_attribute a WHERE a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped)),
                   format('DROP TYPE %s', rel.name), ARRAY['c']
              FROM rel WHERE relkind = 'c'
            UNION ALL
            SELECT 'Sequence', rel.name, NULL, 'pg_class'::regclass, rel.oid, 0,
                   format('CREATE %sSEQUENCE %s AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', CASE rel.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, rel.name, format_type(s.seqtypid, NULL),
                          s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' END),
                   format('DROP SEQUENCE %s', rel.name), ARRAY[s.seqmin::text, s.seqmax::text, rel.relpersistence::text]
              FROM rel JOIN pg_sequence s ON s.seqrelid = rel.oid
             WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.deptype = 'i')
            UNION ALL
            SELECT 'Ownership', rel.name, NULL, NULL, NULL, NULL,
                   format('ALTER SEQUENCE %s OWNED BY %s.%I', rel.name, own.name, a.attname), format('ALTER SEQUENCE %s OWNED BY NONE', rel.name),
                   ARRAY['Sequence ' || rel.name, format('Column %s.%I', own.name, a.attname)]
              FROM rel JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = rel.oid AND d.deptype = 'a'
              JOIN own ON own.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE rel.relkind = 'S'
            UNION ALL
            SELECT 'Table', name, NULL, 'pg_class'::regclass, oid, 0, '', format('DROP TABLE %s', name),
                   ARRAY[CASE relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END] FROM own
            UNION ALL
            SELECT 'Other', name, NULL, 'pg_class'::regclass, oid, 0, coalesce(pg_get_expr(relpartbound, oid), ''), '', ARRAY[]::text[]
              FROM rel WHERE relkind IN ('r', 'p', 'f') AND oid NOT IN (SELECT oid FROM own)
            UNION ALL
            SELECT 'Column', format('%s.%I', own.name, a.attname), own.name, 'pg_class'::regclass, own.oid, a.attnum, '',
                   format('ALTER TABLE %s DROP COLUMN %I', own.name, a.attname),
                   ARRAY[format_type(a.atttypid, a.atttypmod)
                           || coalesce((SELECT format(' COLLATE %I.%I', n.nspname, c.collname) FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace, pg_type t
                                         WHERE c.oid = a.attcollation AND t.oid = a.atttypid AND a.attcollation <> t.typcollation), '')
                           || CASE WHEN a.attgenerated = 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
                                   WHEN a.attgenerated <> '' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(d.adbin, d.adrelid))
                                   WHEN a.attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY'
                                   WHEN a.attidentity = 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' ELSE '' END,
                         a.attnotnull::text, CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
                         (a.attgenerated <> '' OR a.attidentity <> '')::text,
                         coalesce(EXISTS (SELECT FROM regexp_matches(pg_get_expr(d.adbin, d.adrelid), '(\w+)\(', 'g') called JOIN pg_proc p ON p.proname = called[1] WHERE p.provolatile = 'v'), false)::text,
                         (SELECT quote_ident(k.conname) FROM pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]),
                         (SELECT quote_ident(usual) FROM format('%s_%s_not_null', own.relname, a.attname) usual WHERE octet_length(usual) <= 63)]
              FROM own JOIN pg_attribute a ON a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            UNION ALL
            SELECT 'Constraint', format('%s.%I', own.name, k.conname), own.name, 'pg_constraint'::regclass, k.oid, 0,
                   format('ALTER TABLE %s ADD CONSTRAINT %I %s', own.name, k.conname, pg_get_constraintdef(k.oid)),
                   format('ALTER TABLE %s DROP CONSTRAINT %I', own.name, k.conname),
                   ARRAY[k.contype::text, pg_get_constraintdef(k.oid), CASE WHEN k.contype IN ('p', 'u') THEN pg_get_indexdef(k.conindid) END,
                         CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END]
              FROM pg_constraint k JOIN own ON own.oid = k.conrelid WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
            UNION ALL
            SELECT 'Index', format('%I.%I', n.nspname, c.relname), rel.name, 'pg_class'::regclass, c.oid, 0,
                   pg_get_indexdef(c.oid), format('DROP INDEX %I.%I', n.nspname, c.relname), ARRAY[]::text[]
              FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN rel ON rel.oid = i.indrelid AND (rel.relkind = 'm' OR rel.oid IN (SELECT oid FROM own))
             WHERE c.oid NOT IN (SELECT conindid FROM behind)
            UNION ALL
            SELECT CASE fn.prokind WHEN 'a' THEN 'Other' ELSE 'Routine' END, fn.oid::regprocedure::text, NULL, 'pg_proc'::regclass, fn.oid, 0,
                   CASE WHEN fn.prokind = 'a' THEN '' ELSE trim(E'\n' FROM pg_get_functiondef(fn.oid)) END,
                   format('DROP %s %s', CASE fn.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, fn.oid::regprocedure),
                   ARRAY[pg_get_function_arguments(fn.oid), pg_get_function_result(fn.oid), CASE WHEN fn.prosqlbody IS NULL THEN fn.prosrc END]
              FROM fn
            UNION ALL
            SELECT CASE rel.relkind WHEN 'v' THEN 'View' ELSE 'MaterializedView' END, rel.name, NULL, 'pg_class'::regclass, rel.oid, 0,
                   format('CREATE %sVIEW %s%s AS%s', CASE rel.relkind WHEN 'm' THEN 'MATERIALIZED ' END, rel.name,
                          ' WITH (' || array_to_string(rel.reloptions, ', ') || ')', E'\n' || rtrim(pg_get_viewdef(rel.oid), ';')),
                   format('DROP %sVIEW %s', CASE rel.relkind WHEN 'm' THEN 'MATERIALIZED ' END, rel.name),
                   ARRAY(SELECT format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)) FROM pg_attribute a WHERE a.attrelid = rel.oid AND a.attnum > 0 ORDER BY a.attnum)
              FROM rel WHERE rel.relkind IN ('v', 'm')
            UNION ALL
            SELECT 'Statistics', format('%I.%I', ns.nspname, s.stxname), NULL, 'pg_statistic_ext'::regclass, s.oid, 0,
                   pg_get_statisticsobjdef(s.oid), format('DROP STATISTICS %I.%I', ns.nspname, s.stxname), ARRAY[]::text[]
              FROM pg_statistic_ext s JOIN ns ON ns.oid = s.stxnamespace
            UNION ALL
            SELECT 'Rule', format('%s.%I', rel.name, r.rulename), rel.name, 'pg_rewrite'::regclass, r.oid, 0,
                   rtrim(pg_get_ruledef(r.oid), ';'), format('DROP RULE %I ON %s', r.rulename, rel.name), ARRAY[]::text[]
              FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class WHERE r.rulename <> '_RETURN'
            UNION ALL
            SELECT 'Trigger', format('%s.%I', rel.name, t.tgname), rel.name, 'pg_trigger'::regclass, t.oid, 0,
                   pg_get_triggerdef(t.oid), format('DROP TRIGGER %I ON %s', t.tgname, rel.name), ARRAY[]::text[]
              FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal AND t.tgparentid = 0
            UNION ALL
            SELECT 'RowSecurity', own.name, own.name, NULL, NULL, NULL,
                   format('ALTER TABLE %s ', own.name) || concat_ws(', ', CASE WHEN relrowsecurity THEN 'ENABLE ROW LEVEL SECURITY' END, CASE WHEN relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END),
                   format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', own.name), ARRAY['Table ' || own.name]
              FROM own WHERE relrowsecurity OR relforcerowsecurity
            UNION ALL
            SELECT 'Policy', format('%s.%I', own.name, p.polname), own.name, 'pg_policy'::regclass, p.oid, 0,
                   format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, own.name, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                          CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                          (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE r::regrole::text END, ', ' ORDER BY r) FROM unnest(p.polroles) r),
                          ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
                   format('DROP POLICY %I ON %s', p.polname, own.name), ARRAY[]::text[]
              FROM pg_policy p JOIN own ON own.oid = p.polrelid
            UNION ALL
            SELECT 'Setting', name, NULL, NULL, NULL, NULL, made, dropped, ARRAY[host] FROM setting
            UNION ALL
            SELECT 'Comment', format('%s %s', o.type, o.identity), NULL, d.classoid, d.objoid, d.objsubid,
                   format('COMMENT ON %s %s IS %L', word, o.identity, d.description), format('COMMENT ON %s %s IS NULL', word, o.identity),
                   ARRAY[]::text[]
              FROM pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o,
                   lateral (SELECT CASE o.type WHEN 'table column' THEN 'COLUMN' WHEN 'view column' THEN 'COLUMN' WHEN 'table constraint' THEN 'CONSTRAINT' ELSE upper(o.type) END) w (word)
             WHERE o.type IN ('schema', 'type', 'sequence', 'table', 'table column', 'table constraint', 'index', 'function', 'procedure', 'view', 'view column',
                              'materialized view', 'trigger', 'policy')
               AND NOT EXISTS (SELECT FROM member WHERE member.classid = d.classoid AND member.objid = d.objoid)
               AND d.objoid >= 16384
        )
        SELECT kind, name, parent, class::oid, oid, sub, made, dropped, traits FROM object
         ORDER BY CASE kind WHEN 'Column' THEN parent END COLLATE "C", CASE kind WHEN 'Column' THEN sub END, name COLLATE "C"
        """;

    // Whose number stands for which object: a default for its column, an array for its element, an index for the constraint before it, …
    private const string Aliases =
        """
        SELECT 'pg_attrdef'::regclass::oid, oid, 'pg_class'::regclass::oid, adrelid, adnum::int FROM pg_attrdef
        UNION ALL
        SELECT 'pg_rewrite'::regclass, oid, 'pg_class'::regclass, ev_class, 0 FROM pg_rewrite WHERE rulename = '_RETURN' AND oid >= 16384
        UNION ALL
        SELECT 'pg_class'::regclass, conindid, 'pg_constraint'::regclass, oid, 0 FROM pg_constraint WHERE contype IN ('p', 'u', 'x') AND oid >= 16384
        UNION ALL
        SELECT 'pg_type'::regclass, oid, 'pg_class'::regclass, typrelid, 0 FROM pg_type WHERE typrelid <> 0 AND oid >= 16384
        UNION ALL
        SELECT 'pg_type'::regclass, typarray, 'pg_type'::regclass, oid, 0 FROM pg_type WHERE typarray <> 0 AND oid >= 16384
        UNION ALL
        SELECT classid, objid, refclassid, refobjid, refobjsubid FROM pg_depend
         WHERE deptype = 'i' AND classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND objid >= 16384
        UNION ALL
        SELECT classid, objid, 'pg_extension'::regclass, refobjid, 0 FROM pg_depend WHERE deptype = 'e'
        """;

    private const string Dependencies =
        """
        SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid FROM pg_depend WHERE refobjid >= 16384 AND objid >= 16384 AND deptype <> 'e'
        """;

    /// <param name="connection">The database. Its search path is changed.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    public static async Task<SchemaModel> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteLongAsync("SET search_path = ''", cancellationToken);
        var found = await connection.QueryAsync(Objects, Read, cancellationToken, TrackingTable.SchemaOnCopies, Array.Empty<string>(), null);
        var aliases = await connection.QueryAsync(Aliases, row => (From: PlaceAt(row, 0, hasSub: false), To: PlaceAt(row, 2)), cancellationToken);
        var dependencies = await connection.QueryAsync(Dependencies, row => (From: PlaceAt(row, 0), To: PlaceAt(row, 3)), cancellationToken);
        return new SchemaModel(new DependencyMap([.. found], aliases, dependencies).Linked());
    }

    private static FoundObject Read(NpgsqlDataReader row)
    {
        var one = new SchemaObject(
            Enum.Parse<ObjectKind>(row.GetString(0)), row.GetString(1), row.GetNullable<string>(2), row.GetString(6), row.GetString(7), row.GetFieldValue<string?[]>(8));
        return new FoundObject(one, row.IsDBNull(3) ? null : PlaceAt(row, 3));
    }

    private static CatalogPlace PlaceAt(NpgsqlDataReader row, int column, bool hasSub = true) =>
        new(row.GetFieldValue<uint>(column), row.GetFieldValue<uint>(column + 1), hasSub ? row.GetInt32(column + 2) : 0);
}
