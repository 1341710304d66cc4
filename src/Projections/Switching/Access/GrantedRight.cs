using Npgsql;
using Projections.Postgres;

namespace Projections.Switching.Access;

/// <summary>A right granted on a relation or on one of its columns; without a grantee it is everybody's (<c>PUBLIC</c>).</summary>
internal sealed record GrantedRight(string? Column, string? Grantee, string Privilege, bool Grantable, string Grantor)
{
    /// <summary>
    /// Grants rights anew on a relation, each by whom it was granted before: when somebody loses the right to pass one on, those lose it
    /// who had it from there.
    /// </summary>
    /// <param name="connection">A connection with an open transaction.</param>
    /// <param name="relation">The relation's quoted name.</param>
    /// <param name="owner">Its owner.</param>
    /// <param name="rights">The rights.</param>
    /// <param name="cancellationToken">Cancels the statements.</param>
    public static async Task GiveAsync(
        NpgsqlConnection connection, string relation, string owner, IReadOnlyList<GrantedRight> rights, CancellationToken cancellationToken)
    {
        var byOwner = rights.Where(right => right.Grantor == owner).Select(right => right.Sql(relation)).ToList();
        if (byOwner.Count > 0)
        {
            await connection.ExecuteAsync(string.Join(";\n", byOwner), cancellationToken);
        }

        var left = rights.Where(right => right.Grantor != owner).ToList();
        while (left.Count > 0)
        {
            // Who passed a right on must have it first. PostgreSQL allows no circles; should it ever, the rest goes at once.
            var next = left.Where(right => !left.Exists(other => other.Lets(right))).ToList();
            foreach (var right in next is [] ? left.ToList() : next)
            {
                await right.GiveAsGrantorAsync(connection, relation, cancellationToken);
                left.Remove(right);
            }
        }
    }

    private bool Lets(GrantedRight other) => Grantable && Grantee == other.Grantor && Privilege == other.Privilege;

    private string Sql(string relation) =>
        $"grant {Privilege}{(Column is null ? "" : $" ({SqlName.Quote(Column)})")} on {relation} to {SqlName.Role(Grantee)}{(Grantable ? " with grant option" : "")}";

    /// <summary>As the role that granted it, where this one may act as that; else the owner grants it, which lets the same people do the same.</summary>
    private async Task GiveAsGrantorAsync(NpgsqlConnection connection, string relation, CancellationToken cancellationToken)
    {
        var self = await connection.ScalarAsync<string>("select current_setting('role')", cancellationToken);
        await connection.ExecuteAsync("savepoint grantor", cancellationToken);
        try
        {
            await connection.ExecuteAsync($"set local role {SqlName.Quote(Grantor)}; {Sql(relation)}", cancellationToken);
            await connection.ExecuteAsync("select set_config('role', $1, true)", cancellationToken, self);
        }
        catch (PostgresException exception) when (exception.IsAboutRights)
        {
            await connection.ExecuteAsync($"rollback to savepoint grantor; {Sql(relation)}", cancellationToken);
        }
    }
}
