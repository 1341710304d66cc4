using Npgsql;
using Projections.Postgres;

namespace Projections.Switching.Access;

/// <summary>Which rows of a table its readers see: its row-level security with all policies.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Enabled">Whether policies count at all.</param>
/// <param name="Forced">Whether they count for the table's owner, too.</param>
/// <param name="Policies">The policies.</param>
internal sealed record RowSecurity(string Table, bool Enabled, bool Forced, IReadOnlyList<RowPolicy> Policies)
{
    public static async Task<RowSecurity> ReadAsync(NpgsqlConnection connection, ReadName table, CancellationToken cancellationToken)
    {
        var policies = await connection.QueryAsync(
            """
            select polname::text,
                   case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
                   polpermissive,
                   (select string_agg(case when role = 0 then 'public' else pg_get_userbyid(role) end, ', ' order by role) from unnest(polroles) role),
                   pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
            from pg_policy where polrelid = $1 order by polname
            """,
            row => new RowPolicy(row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetString(3), row.GetNullable<string>(4), row.GetNullable<string>(5)),
            cancellationToken,
            table.Oid);
        var found = await connection.QueryAsync(
            "select relrowsecurity, relforcerowsecurity from pg_class where oid = $1",
            row => new RowSecurity(table.Name, row.GetBoolean(0), row.GetBoolean(1), policies),
            cancellationToken,
            table.Oid);
        return found.Single();
    }

    /// <summary>What is different from another table's, in sentences; policies count by what they say, whatever their names.</summary>
    public IEnumerable<string> DifferencesFrom(RowSecurity other)
    {
        if (Enabled != other.Enabled)
        {
            yield return $"{(Enabled ? Table : other.Table)} has row-level security and {(Enabled ? other.Table : Table)} has none";
            yield break;
        }

        if (!Enabled)
        {
            yield break;
        }

        if (Forced != other.Forced)
        {
            yield return $"the policies of {(Forced ? Table : other.Table)} count for its owner, and those of {(Forced ? other.Table : Table)} do not";
        }

        foreach (var policy in other.Policies.Where(policy => !Policies.Any(mine => mine.Says(policy, other.Table, Table))))
        {
            yield return $"{other.Table} has {policy} and {Table} has not";
        }

        foreach (var policy in Policies.Where(policy => !other.Policies.Any(theirs => theirs.Says(policy, Table, other.Table))))
        {
            yield return $"{Table} has {policy} and {other.Table} has not";
        }
    }
}

/// <summary>A policy; see <c>CREATE POLICY</c>.</summary>
internal sealed record RowPolicy(string Name, string Command, bool Permissive, string Roles, string? Using, string? Check)
{
    /// <summary>Whether it says what a policy of another table says.</summary>
    /// <param name="other">That policy.</param>
    /// <param name="otherTable">The table that it belongs to, which its expressions may name.</param>
    /// <param name="table">The table that this one belongs to.</param>
    public bool Says(RowPolicy other, string otherTable, string table)
    {
        return this == other with { Name = Name, Using = Renamed(other.Using), Check = Renamed(other.Check) };

        string? Renamed(string? expression) => expression?.Replace($"{otherTable}.", $"{table}.", StringComparison.Ordinal);
    }

    public override string ToString() =>
        $"the {(Permissive ? "" : "restrictive ")}policy '{Name}' (for {Command} to {Roles}{(Using is null ? "" : $" using {Using}")}{(Check is null ? "" : $" with check {Check}")})";
}
