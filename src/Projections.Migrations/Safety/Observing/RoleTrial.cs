using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Safety.Catalog;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Observing;

/// <summary>
/// Tries as the roles themselves what a migration may have taken from them, for what a role loses in one way it may still have in another: as a
/// member of a role, as everybody, as an owner. Where the session may not become the role, PostgreSQL is asked instead. It needs an open
/// transaction, and leaves nothing behind in it.
/// </summary>
internal sealed class RoleTrial(NpgsqlConnection connection, CatalogSnapshot origin, CatalogSnapshot final)
{
    private const string Savepoint = "as_role";

    /// <param name="connection">The connection, in the migration's transaction or in one of its own.</param>
    /// <param name="frame">The file.</param>
    /// <param name="observed">Its statements, none of which has failed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The same statements, each with what roles have lost by all of them.</returns>
    public static async Task<IReadOnlyList<ObservedStatement>> AfterAsync(
        NpgsqlConnection connection, StatementFrame frame, IReadOnlyList<ObservedStatement> observed, CancellationToken cancellationToken)
    {
        if (frame.Direction == Direction.Down || observed.Count == 0)
        {
            return observed;
        }

        var losses = await new RoleTrial(connection, frame.Origin, observed[^1].After).RunAsync(cancellationToken);
        return [.. observed.Select(statement => statement with { Losses = losses })];
    }

    public async Task<RoleLosses> RunAsync(CancellationToken cancellationToken)
    {
        var denied = new Dictionary<(char, uint, short, string, string), string>();
        foreach (var right in RightsInQuestion())
        {
            if (await WhyNotAsync(right, cancellationToken) is { } words)
            {
                denied[right.Key] = words;
            }
        }

        var blind = new List<(uint, string)>();
        foreach (var (table, role) in ReadersInQuestion())
        {
            if (await IsWithoutPolicyAsync(table, role, cancellationToken) && await SeesNothingAsync(table, role, cancellationToken))
            {
                blind.Add((table.Oid, role));
            }
        }

        return new RoleLosses { Denied = denied, Blind = blind };
    }

    private IEnumerable<CatalogRight> RightsInQuestion() =>
        CatalogSnapshot.Both(origin.Relations, final.Relations)
            .Where(pair => pair.Before.IsTable && pair.Before.Owner != pair.After.Owner).SelectMany(pair => pair.Before.RightsOfOwner)
            .Concat(origin.Rights.Values)
            .Where(right => !right.IsHeldIn(final) && right.IsOn(final));

    private IEnumerable<(CatalogRelation Table, string Role)> ReadersInQuestion() =>
        from pair in CatalogSnapshot.Both(origin.Relations, final.Relations)
        where !pair.Before.HasRowSecurity && pair.After.HasRowSecurity
        from role in origin.Rights.Values
            .Where(right => right is { Kind: 'r', Privilege: "SELECT", Grantee.Length: > 0 } && right.Oid == pair.After.Oid).Select(right => right.Grantee).Distinct()
        select (pair.After, role);

    /// <returns>What PostgreSQL says against it; <c>null</c> when the role may do it.</returns>
    private async Task<string?> WhyNotAsync(CatalogRight right, CancellationToken cancellationToken)
    {
        // What everybody had is tried as nobody.
        if (right.Grantee.Length == 0)
        {
            return "";
        }

        if (StatementFor(right) is { } statement)
        {
            switch (await TryAsync(right.Grantee, $"EXPLAIN {statement}", cancellationToken))
            {
                case { Answer: not null }:
                    return null;
                case { IsRole: true, Refused: { IsAboutRights: true } refused }:
                    return refused.MessageText;
            }
        }

        return await IsPrivilegedAsync(right, cancellationToken) ? null : "";
    }

    // Rights are looked at before anything is run, so that to explain it is enough, and no trigger fires.
    private string? StatementFor(CatalogRight right)
    {
        if (right.Kind != 'r' || final.Relations[right.Oid] is not { Kind: 'r' or 'p' or 'v' or 'm', Quoted: var table })
        {
            return null;
        }

        var columns = final.ColumnsOf(right.Oid).Where(column => right.Column == 0 || column.Number == right.Column).Select(column => SqlName.Quote(column.Name)).ToList();
        return right.Privilege switch
        {
            "SELECT" => $"SELECT {string.Join(", ", columns)} FROM {table}",
            "INSERT" when columns.Count > 0 => $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(_ => "DEFAULT"))})",
            "UPDATE" when columns.Count > 0 => $"UPDATE {table} SET {string.Join(", ", columns.Select(column => $"{column} = DEFAULT"))}",
            "DELETE" => $"DELETE FROM {table}",
            _ => null,
        };
    }

    // A view that nothing can be written to, a sequence, a schema: there PostgreSQL is asked what it would say.
    private Task<bool> IsPrivilegedAsync(CatalogRight right, CancellationToken cancellationToken) => connection.ScalarAsync<bool>(
        """
        SELECT CASE
                   WHEN $1 = 'n' THEN has_schema_privilege(rolname, $3, $4)
                   WHEN $1 = 'f' THEN has_function_privilege(rolname, $3, $4)
                   WHEN $1 = 'S' THEN has_sequence_privilege(rolname, $3, $4)
                   WHEN $5 > 0 THEN has_column_privilege(rolname, $3, $5, $4)
                   ELSE has_table_privilege(rolname, $3, $4)
               END
          FROM pg_roles WHERE rolname = $2
        """,
        cancellationToken, (right.Kind == 'r' ? final.Relations[right.Oid].Kind : right.Kind).ToString(), right.Grantee, right.Oid, right.Privilege, right.Column);

    private Task<bool> IsWithoutPolicyAsync(CatalogRelation table, string role, CancellationToken cancellationToken) => connection.ScalarAsync<bool>(
        """
        SELECT NOT r.rolsuper AND NOT r.rolbypassrls AND NOT pg_has_role(r.oid, c.relowner, 'USAGE')
           AND NOT EXISTS (
               SELECT FROM pg_policy p, unnest(p.polroles) AS o (role)
                WHERE p.polrelid = c.oid AND p.polcmd IN ('*', 'r') AND (o.role = 0 OR pg_has_role(r.oid, o.role, 'USAGE')))
          FROM pg_roles r, pg_class c
         WHERE r.rolname = $1 AND c.oid = $2
        """,
        cancellationToken, role, table.Oid);

    private async Task<bool> SeesNothingAsync(CatalogRelation table, string role, CancellationToken cancellationToken) =>
        await TryAsync(role, $"SELECT EXISTS (SELECT FROM {table.Quoted})", cancellationToken) is not { Answer: true };

    private async Task<Attempt> TryAsync(string role, string statement, CancellationToken cancellationToken)
    {
        var isRole = false;
        await connection.ExecuteLongAsync($"SAVEPOINT {Savepoint}", cancellationToken);
        try
        {
            await connection.ExecuteLongAsync($"SET LOCAL ROLE {SqlName.Quote(role)}", cancellationToken);
            isRole = true;
            return new Attempt(isRole, await connection.ScalarLongAsync<object>(statement, cancellationToken), null);
        }
        catch (PostgresException refused)
        {
            return new Attempt(isRole, null, refused);
        }
        finally
        {
            await connection.ExecuteLongAsync($"ROLLBACK TO SAVEPOINT {Savepoint}; RELEASE SAVEPOINT {Savepoint}", cancellationToken);
        }
    }

    /// <param name="IsRole">Whether the session could become the role.</param>
    /// <param name="Answer">The first value of what PostgreSQL answered; <c>null</c> when it refused.</param>
    /// <param name="Refused">What it had against it.</param>
    private readonly record struct Attempt(bool IsRole, object? Answer, PostgresException? Refused);
}
