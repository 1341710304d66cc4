using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Parsing;
using Projections.Postgres;

namespace Projections.Migrations.Generating;

/// <summary>Makes the wanted schema in a throw-away database.</summary>
internal static class WantedSchema
{
    /// <exception cref="MigrationRefused">A statement of the file fails.</exception>
    public static async Task<ThrowAwayDatabase> CreateAsync(string server, string path, CancellationToken cancellationToken)
    {
        var statements = StatementSplitter.Split(await ReadAsync(path, cancellationToken));
        var database = await ThrowAwayDatabase.CreateAsync(server, cancellationToken);
        try
        {
            await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
            foreach (var statement in statements)
            {
                await RunAsync(connection, statement, path, cancellationToken);
            }

            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    // A dump frames itself with words for psql.
    private static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            throw new MigrationRefused([new Refusal("wanted-schema", $"There is no file '{path}'. It holds the statements that make the wanted schema in an empty database.")]);
        }

        var lines = await File.ReadAllLinesAsync(path, cancellationToken);
        return string.Join('\n', lines.Select(line => line.StartsWith('\\') ? "" : line));
    }

    private static async Task RunAsync(NpgsqlConnection connection, SqlStatement statement, string path, CancellationToken cancellationToken)
    {
        try
        {
            await connection.ExecuteVerbatimAsync(statement.Text, cancellationToken);
        }
        catch (PostgresException refused) when (!SchemaCopyBuilder.MayFail(statement, refused))
        {
            throw new MigrationRefused([new Refusal("wanted-schema", $"{path}:{statement.Line}: {refused.Words}. The file has to make the wanted schema in an empty database, statement by statement.")]);
        }
        catch (PostgresException)
        {
            // What is granted to a role that this server does not have.
        }
    }
}
