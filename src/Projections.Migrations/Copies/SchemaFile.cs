using Projections.Migrations.Tracking;

namespace Projections.Migrations.Copies;

/// <summary>Writes a database's schema to a file, so that a review sees what migrations have made of it.</summary>
/// <param name="options">The service, whose tracking tables are left out.</param>
/// <param name="pgDump">The path of <c>pg_dump</c>, which must not be older than the server.</param>
public sealed class SchemaFile(MigrationOptions options, string pgDump = "pg_dump")
{
    /// <param name="database">The database's connection string.</param>
    /// <param name="path">The file, which is written anew. It holds no date and no version, so that it changes with the schema alone.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="MigrationStopped"><c>pg_dump</c> is not there, or could not read the schema.</exception>
    public async Task WriteAsync(string database, string path, CancellationToken cancellationToken)
    {
        var tracking = MigrationTarget.OfService(options).Tracking;
        var statements = await SchemaDumpProgram.ReadAsync(pgDump, database, ["--no-owner", .. tracking.Tables.Select(table => $"--exclude-table={table}")], cancellationToken);
        var text = string.Concat(statements.Select(statement => $"{statement.Text};\n\n"));
        await File.WriteAllTextAsync(path, $"-- Written by 'projections migrate'; changes made here change nothing.\n\n{text.TrimEnd()}\n", cancellationToken);
    }
}
