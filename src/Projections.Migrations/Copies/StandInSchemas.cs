using Npgsql;
using Projections.Migrations.Parsing;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Copies;

/// <summary>
/// Puts empty schemas in the places of a database's own, inside a transaction that will be rolled back. A schema's new name touches nothing in it,
/// and other sessions never see it: they neither wait nor are waited for.
/// </summary>
internal sealed class StandInSchemas(NpgsqlConnection connection, NpgsqlTransaction transaction)
{
    private const string Savepoint = "stand_in";

    // What belongs to the database and not to a schema is there already.
    private static readonly string[] OfDatabase = ["extension", "publication", "subscription", "event"];

    /// <param name="schema">The statements that make the schemas, by pg_dump.</param>
    /// <param name="others">Schemas that stay as they are.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MigrationRefused">The role does not own the schemas, or what is in them cannot be made twice.</exception>
    public async Task MakeAsync(IReadOnlyList<SqlStatement> schema, IReadOnlyList<string> others, CancellationToken cancellationToken)
    {
        try
        {
            await RenameAsync(others, cancellationToken);
            foreach (var statement in schema.Where(statement => !IsOfDatabase(statement)))
            {
                await RunAsync(statement, cancellationToken);
            }
        }
        catch (PostgresException refused)
        {
            var role = new NpgsqlConnectionStringBuilder(connection.ConnectionString).Username;
            throw new MigrationRefused([new Refusal(
                "no-copy",
                $"Empty tables cannot stand in for the service's in a transaction: {refused.Words}. The role '{role}' has to own the schemas, and no extension may lie in them. Name a server for a copy by --copy-server instead.")]);
        }
    }

    private async Task RenameAsync(IReadOnlyList<string> others, CancellationToken cancellationToken)
    {
        var schemas = await connection.QueryAsync(
            """
            SELECT nspname::text FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1) AND nspname <> ALL ($2) ORDER BY oid
            """,
            row => row.GetString(0), cancellationToken, TrackingTable.SchemaOnCopies, others.ToArray());
        foreach (var (index, name) in schemas.Index())
        {
            await connection.ExecuteLongAsync($"ALTER SCHEMA {SqlName.Quote(name)} RENAME TO {SqlName.Quote($"throwaway_{index}")}", cancellationToken);
        }

        if (schemas.Contains("public"))
        {
            await connection.ExecuteLongAsync("CREATE SCHEMA public", cancellationToken);
        }
    }

    // As on a copy, what is granted to a role that is not there is left out.
    private async Task RunAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        await transaction.SaveAsync(Savepoint, cancellationToken);
        try
        {
            await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
            await transaction.ReleaseAsync(Savepoint, cancellationToken);
        }
        catch (PostgresException refused) when (
            refused.SqlState == PostgresErrorCodes.DuplicateSchema || statement.StartsWith("grant") || statement.StartsWith("revoke") || statement.StartsWith("alter", "default", "privileges"))
        {
            await transaction.RollbackAsync(Savepoint, cancellationToken);
        }
    }

    private static bool IsOfDatabase(SqlStatement statement) =>
        statement.Tokens.Count > 2
        && (OfDatabase.Any(word => statement.Tokens[1].Is(word)) || (statement.StartsWith("comment", "on") && OfDatabase.Any(word => statement.Tokens[2].Is(word))));
}
