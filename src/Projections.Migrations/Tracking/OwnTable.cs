using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Tracking;

/// <summary>A table in which runners keep something for themselves, in the database of the service.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name.</param>
internal sealed record OwnTable(string Schema, string Name)
{
    public string Quoted => SqlName.Quote(Schema, Name);

    /// <summary>Creates the schema and the table where they are missing.</summary>
    /// <param name="connection">A connection, in no transaction.</param>
    /// <param name="columns">What is in the table, as it stands in <c>CREATE TABLE</c>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MigrationRefused">The role may not create it.</exception>
    public async Task EnsureAsync(NpgsqlConnection connection, string columns, CancellationToken cancellationToken)
    {
        try
        {
            await CreateAsync(connection, columns, cancellationToken);
        }
        catch (PostgresException denied) when (denied.IsAboutRights)
        {
            var role = new NpgsqlConnectionStringBuilder(connection.ConnectionString).Username;
            throw new MigrationRefused([new Refusal(
                "rights",
                $"The role '{role}' may not create the tracking table {SqlName.Readable(Schema, Name)}: {denied.MessageText}. Somebody who may grants it, once: GRANT USAGE, CREATE ON SCHEMA {SqlName.Quote(Schema)} TO {SqlName.Quote(role ?? "the_role")}; or name a schema of the role's own by --tracking-schema.")]);
        }
    }

    private async Task CreateAsync(NpgsqlConnection connection, string columns, CancellationToken cancellationToken)
    {
        // Runners of different services may share the table; CREATE … IF NOT EXISTS alone fails when two of them create it at once.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteLongAsync("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", cancellationToken, $"creating {Quoted}");

        // CREATE SCHEMA IF NOT EXISTS asks for the right to create schemas although the schema is there.
        if (!await connection.ScalarAsync<bool>("SELECT to_regnamespace($1) IS NOT NULL", cancellationToken, SqlName.Quote(Schema)))
        {
            await connection.ExecuteLongAsync($"CREATE SCHEMA {SqlName.Quote(Schema)}", cancellationToken);
        }

        // As with the schema: IF NOT EXISTS asks for the right all the same.
        if (!await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellationToken, Quoted))
        {
            await connection.ExecuteLongAsync($"CREATE TABLE {Quoted} ({columns})", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
