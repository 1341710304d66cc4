using Npgsql;
using Projections.Postgres;

namespace Projections.Switching.Access;

/// <summary>
/// Whether the readers of a read name see the same rows and columns when it shows another table: row-level security and rights belong to
/// tables, not to the view.
/// </summary>
/// <param name="connection">A connection.</param>
/// <param name="view">The read name as it is.</param>
/// <param name="from">The table that it shows.</param>
/// <param name="to">The table that it is to show.</param>
/// <param name="columns">The columns that it is to show of it.</param>
internal sealed class AccessComparison(NpgsqlConnection connection, ReadName view, ReadName from, ReadName to, IReadOnlyList<string> columns)
{
    /// <summary>More names than these say no more.</summary>
    private const int MostRoles = 5;

    /// <summary>Everything that readers would see otherwise, a clause each; empty when there is nothing.</summary>
    public async Task<IReadOnlyList<string>> FindDifferencesAsync(CancellationToken cancellationToken)
    {
        var now = await RowSecurity.ReadAsync(connection, from, cancellationToken);
        var then = await RowSecurity.ReadAsync(connection, to, cancellationToken);
        return
        [
            .. then.DifferencesFrom(now),
            .. await DescribeAsync(FindOwnersAsync(cancellationToken), "policies of only one of the tables count for {0}, because one has another owner"),
            .. await DescribeAsync(FindGainedAsync(cancellationToken), $"columns of {to.Name} can be read that cannot be read now, by {{0}}"),
            .. view.RunsWithReadersRights
                ? await DescribeAsync(FindLostAsync(cancellationToken), $"'{view.Name}' runs with its readers' rights and is to show columns that they have none on, so that they could read nothing of it: {{0}}")
                : [],
        ];
    }

    private static async Task<IEnumerable<string>> DescribeAsync(Task<List<string>> finding, string problem)
    {
        var roles = await finding;
        var more = roles.Count > MostRoles ? $" and {roles.Count - MostRoles} more" : "";
        return roles.Count == 0 ? [] : [string.Format(null, problem, string.Join(", ", roles.Take(MostRoles)) + more)];
    }

    /// <summary>Who reads through the view with the rights of a role that owns one of the tables, so that policies count for it on the other only.</summary>
    private Task<List<string>> FindOwnersAsync(CancellationToken cancellationToken) => connection.QueryAsync(
        """
        select m.rolname::text
        from pg_roles m
        cross join (select relowner from pg_class where oid = $1) v
        cross join (select relowner as owner, relforcerowsecurity as forced from pg_class where oid = $2 and relrowsecurity) f
        cross join (select relowner as owner, relforcerowsecurity as forced from pg_class where oid = $3 and relrowsecurity) t
        where not m.rolsuper and not m.rolbypassrls
          and case when $4 then has_any_column_privilege(m.oid, $1, 'select') else m.oid = v.relowner end
          and (f.forced or not pg_has_role(m.oid, f.owner, 'usage')) <> (t.forced or not pg_has_role(m.oid, t.owner, 'usage'))
        order by 1
        """,
        row => row.GetString(0),
        cancellationToken,
        view.Oid, from.Oid, to.Oid, view.RunsWithReadersRights);

    private Task<List<string>> FindGainedAsync(CancellationToken cancellationToken) => FindAsync(
        """
        has_column_privilege(m.oid, t.attrelid, t.attnum, 'select')
        and not coalesce(has_column_privilege(m.oid, w.attrelid, w.attnum, 'select'), false)
        """,
        cancellationToken);

    /// <summary>Readers who have what they need now, and would not have it then.</summary>
    private Task<List<string>> FindLostAsync(CancellationToken cancellationToken) => FindAsync(
        """
        t.attname = any ($4)
        and not has_column_privilege(m.oid, t.attrelid, t.attnum, 'select')
        and not exists (select from pg_attribute n
                        where n.attrelid = $2 and n.attname = any ($5) and not has_column_privilege(m.oid, n.attrelid, n.attnum, 'select'))
        """,
        cancellationToken);

    /// <summary>
    /// Readers of the view with those columns of the new table for which a condition holds, and which <see cref="ReaderRights"/> would not
    /// pass on to them.
    /// </summary>
    private Task<List<string>> FindAsync(string condition, CancellationToken cancellationToken) => connection.QueryAsync(
        $"""
        select m.rolname || ' (' || string_agg(t.attname, ', ' order by t.attnum) || ')'
        from pg_roles m
        join pg_attribute t on t.attrelid = $3 and t.attnum > 0 and not t.attisdropped
        left join pg_attribute f on f.attrelid = $2 and f.attname = t.attname
        left join pg_attribute w on w.attrelid = $1 and w.attname = t.attname
        where not m.rolsuper and has_any_column_privilege(m.oid, $1, 'select')
          and {condition}
          and not coalesce(has_column_privilege(m.oid, f.attrelid, f.attnum, 'select'), false)
          and not (w.attname is null and (has_table_privilege(m.oid, $1, 'select') or has_table_privilege(m.oid, $2, 'select')))
        group by m.rolname order by 1
        """,
        row => row.GetString(0),
        cancellationToken,
        view.Oid, from.Oid, to.Oid, columns.ToArray(), view.Columns.Select(column => column.Name).ToArray());
}
