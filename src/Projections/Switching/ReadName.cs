using Npgsql;
using Projections.Postgres;
using Projections.Switching.Access;

namespace Projections.Switching;

/// <summary>A column as readers see it: what a prepared statement depends on.</summary>
/// <param name="Name">The column's name.</param>
/// <param name="Type">The type with its length or precision, as <c>format_type</c> gives it.</param>
internal sealed record ReadColumn(string Name, string Type);

/// <summary>
/// What stands under a read name, with everything that a switch has to keep: owner, grants, comments, options.
/// </summary>
internal sealed record ReadName
{
    public required uint Oid { get; init; }

    public required string Name { get; init; }

    /// <summary><c>v</c> for a view, <c>r</c> or <c>p</c> for a table; see <c>pg_class.relkind</c>.</summary>
    public required char Kind { get; init; }

    public required string Owner { get; init; }

    /// <summary>Options such as <c>security_invoker=true</c>.</summary>
    public required IReadOnlyList<string> Options { get; init; }

    public required string? Comment { get; init; }

    public required IReadOnlyList<ReadColumn> Columns { get; init; }

    public required IReadOnlyDictionary<string, string> ColumnComments { get; init; }

    /// <summary>The rights granted, or <c>null</c> when the relation has just its owner's.</summary>
    public required IReadOnlyList<GrantedRight>? Rights { get; init; }

    public bool IsView => Kind == 'v';

    /// <summary>Whether readers need rights on the table themselves, and its row-level security looks at them.</summary>
    public bool RunsWithReadersRights => Options.Any(option => option is "security_invoker=true" or "security_invoker=on" or "security_invoker=1" or "security_invoker=yes");

    /// <summary>Reads what stands under a name, or <c>null</c> when nothing does.</summary>
    public static async Task<ReadName?> ReadAsync(NpgsqlConnection connection, string schema, string name, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            select c.oid, c.relkind::text, pg_get_userbyid(c.relowner), coalesce(c.reloptions, '{}'),
                   obj_description(c.oid, 'pg_class'), c.relacl is not null
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = $1 and c.relname = $2
            """,
            row => (Oid: row.GetFieldValue<uint>(0), Kind: row.GetString(1)[0], Owner: row.GetString(2), Options: row.GetFieldValue<string[]>(3),
                Comment: row.GetNullable<string>(4), HasRights: row.GetBoolean(5)),
            cancellationToken,
            schema,
            name);
        if (found.Count == 0)
        {
            return null;
        }

        var columns = await ReadColumnsAsync(connection, found[0].Oid, cancellationToken);
        return new ReadName
        {
            Oid = found[0].Oid,
            Name = name,
            Kind = found[0].Kind,
            Owner = found[0].Owner,
            Options = found[0].Options,
            Comment = found[0].Comment,
            Columns = [.. columns.Select(column => column.Column)],
            ColumnComments = columns.Where(column => column.Comment is not null).ToDictionary(column => column.Column.Name, column => column.Comment!),
            Rights = await ReadRightsAsync(connection, found[0].Oid, found[0].HasRights, cancellationToken),
        };
    }

    private static Task<List<(ReadColumn Column, string? Comment)>> ReadColumnsAsync(NpgsqlConnection connection, uint oid, CancellationToken cancellationToken) =>
        connection.QueryAsync(
            """
            select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
            from pg_attribute where attrelid = $1 and attnum > 0 and not attisdropped order by attnum
            """,
            row => (new ReadColumn(row.GetString(0), row.GetString(1)), row.GetNullable<string>(2)),
            cancellationToken,
            oid);

    private static async Task<IReadOnlyList<GrantedRight>?> ReadRightsAsync(
        NpgsqlConnection connection, uint oid, bool hasRights, CancellationToken cancellationToken)
    {
        // Grantee 0 is PUBLIC.
        var rights = await connection.QueryAsync(
            """
            select null, case when a.grantee <> 0 then pg_get_userbyid(a.grantee) end, a.privilege_type, a.is_grantable, pg_get_userbyid(a.grantor)
            from pg_class c cross join aclexplode(c.relacl) a where c.oid = $1
            union all
            select t.attname, case when a.grantee <> 0 then pg_get_userbyid(a.grantee) end, a.privilege_type, a.is_grantable, pg_get_userbyid(a.grantor)
            from pg_attribute t cross join aclexplode(t.attacl) a where t.attrelid = $1 and not t.attisdropped
            """,
            row => new GrantedRight(row.GetNullable<string>(0), row.GetNullable<string>(1), row.GetString(2), row.GetBoolean(3), row.GetString(4)),
            cancellationToken,
            oid);
        return hasRights || rights.Count > 0 ? rights : null;
    }
}
