using Npgsql;
using Projections.Postgres;

namespace Projections.Switching;

/// <summary>What else in the database stands on a view or a table.</summary>
internal static class Dependants
{
    /// <summary>
    /// Views, functions, foreign keys, triggers and policies that depend on a relation, in PostgreSQL's words. What belongs to
    /// the relation itself (its rule, indexes, constraints, defaults, our own guard) does not count.
    /// </summary>
    public static async Task<IReadOnlyList<string>> OfAsync(NpgsqlConnection connection, uint relation, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select distinct case when r.oid is not null then pg_describe_object('pg_class'::regclass, r.ev_class, 0)
                                 else pg_describe_object(d.classid, d.objid, 0) end as description
            from pg_depend d
            left join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
            left join pg_constraint k on d.classid = 'pg_constraint'::regclass and k.oid = d.objid
            left join pg_trigger t on d.classid = 'pg_trigger'::regclass and t.oid = d.objid
            left join pg_policy p on d.classid = 'pg_policy'::regclass and p.oid = d.objid
            left join pg_attrdef f on d.classid = 'pg_attrdef'::regclass and f.oid = d.objid
            left join pg_type y on d.refclassid = 'pg_type'::regclass and y.oid = d.refobjid
            where d.deptype = 'n'
              and ((d.refclassid = 'pg_class'::regclass and d.refobjid = $1) or y.typrelid = $1
                   or y.typelem in (select oid from pg_type where typrelid = $1))
              and r.ev_class is distinct from $1 and k.conrelid is distinct from $1
              and t.tgrelid is distinct from $1 and p.polrelid is distinct from $1 and f.adrelid is distinct from $1
              and not (d.classid = 'pg_class'::regclass and d.objid in (select indexrelid from pg_index where indrelid = $1))
            union
            select pg_describe_object('pg_trigger'::regclass, oid, 0)
            from pg_trigger
            where tgrelid = $1 and not tgisinternal and tgname <> 'projections_read_only'
              and (select relkind from pg_class where oid = $1) = 'v'
            order by 1
            """,
            row => row.GetString(0),
            cancellationToken,
            relation);
}
