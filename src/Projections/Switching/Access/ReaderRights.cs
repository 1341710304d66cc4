using Npgsql;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Switching.Access;

/// <summary>
/// The rights on a version's own table that its readers need behind the read name: the view's owner reads it for them or,
/// where the view runs with its readers' rights, they read it themselves.
/// </summary>
/// <remarks>Nobody comes to read more than before: rights pass on by column, and what a switch has given goes when reads leave the
/// version again.</remarks>
internal sealed class ReaderRights(NpgsqlConnection connection, string schema)
{
    private const string Owner = "select relowner as grantee, true as reads_for_all from pg_class where oid = $3";

    // A right of a group or of PUBLIC counts when somebody in it reads through the view. Superusers read without any.
    private const string Readers =
        """
        select grantee, false as reads_for_all
        from (select a.grantee from pg_class c cross join aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a where c.oid = $4 and a.privilege_type = 'SELECT'
              union
              select a.grantee from pg_attribute c cross join aclexplode(c.attacl) a where c.attrelid = $4 and a.privilege_type = 'SELECT') g
        where exists (select from pg_roles m
                      where not m.rolsuper and (g.grantee = 0 or pg_has_role(m.oid, g.grantee, 'usage')) and has_any_column_privilege(m.oid, $3, 'select'))
        """;

    /// <summary>
    /// Gives the readers of a view on a version's table what they have on the one that it shows. Of columns that are new to them, those see them
    /// who may see the whole of the view or of the table.
    /// </summary>
    /// <param name="view">The read name as it is.</param>
    /// <param name="shown">The table that it shows.</param>
    /// <param name="to">The version that it is to show.</param>
    /// <param name="columns">The columns that it is to show of it.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public async Task PassOnAsync(ReadName view, ReadName shown, VersionId to, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var given = await connection.QueryAsync(
            $"""
            insert into projections.reader_right (projection, number, grantee, column_name)
            select $1, $2, r.grantee, t.attname
            from ({(view.RunsWithReadersRights ? Readers : Owner)}) r
            join pg_attribute t on t.attrelid = to_regclass($5) and t.attname = any ($6)
            left join pg_attribute l on l.attrelid = $4 and l.attname = t.attname
            where not has_column_privilege(r.grantee, t.attrelid, t.attnum, 'select')
              and (r.reads_for_all
                   or has_column_privilege(r.grantee, l.attrelid, l.attnum, 'select')
                   or (t.attname <> all ($7)
                       and (has_table_privilege(r.grantee, $3, 'select') or has_table_privilege(r.grantee, $4, 'select'))))
            on conflict do nothing
            returning case when grantee <> 0 then pg_get_userbyid(grantee) end, column_name
            """,
            row => (Grantee: row.GetNullable<string>(0), Column: row.GetString(1)),
            cancellationToken,
            to.Projection.Value, to.Number, view.Oid, shown.Oid, SqlName.Quote(schema, to.Table),
            columns.ToArray(), view.Columns.Select(column => column.Name).ToArray());
        await ChangeAsync("grant", "to", to, given, cancellationToken);
    }

    /// <summary>Takes back what was passed on to a version that reads leave.</summary>
    public async Task TakeBackAsync(VersionId from, CancellationToken cancellationToken)
    {
        var given = await connection.QueryAsync(
            """
            with given as (delete from projections.reader_right where projection = $1 and number = $2 returning grantee, column_name)
            select case when g.grantee <> 0 then pg_get_userbyid(g.grantee) end, g.column_name
            from given g
            join pg_attribute t on t.attrelid = to_regclass($3) and t.attname = g.column_name and not t.attisdropped
            where g.grantee = 0 or exists (select from pg_roles where oid = g.grantee)
            """,
            row => (Grantee: row.GetNullable<string>(0), Column: row.GetString(1)),
            cancellationToken,
            from.Projection.Value, from.Number, SqlName.Quote(schema, from.Table));
        await ChangeAsync("revoke", "from", from, given, cancellationToken);
    }

    private async Task ChangeAsync(
        string verb, string preposition, VersionId version, IReadOnlyList<(string? Grantee, string Column)> rights, CancellationToken cancellationToken)
    {
        foreach (var right in rights.GroupBy(right => right.Grantee, right => SqlName.Quote(right.Column)))
        {
            await connection.ExecuteAsync(
                $"{verb} select ({string.Join(", ", right)}) on {SqlName.Quote(schema, version.Table)} {preposition} {SqlName.Role(right.Key)}", cancellationToken);
        }
    }
}
