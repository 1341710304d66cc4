using Npgsql;
using Projections.Migrations.Files;
using Projections.Migrations.Tracking;

namespace Projections.Migrations.Safety;

/// <summary>Keeps a verdict in the database that it is about, so that whoever applies the migrations later need not judge them again.</summary>
/// <param name="options">The service.</param>
public sealed class SignOff(MigrationOptions options)
{
    /// <param name="database">The connection string of the service's database.</param>
    /// <param name="report">The verdict.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidOperationException">What was judged is not safe.</exception>
    /// <exception cref="MigrationRefused">The role may not write it down there.</exception>
    public async Task WriteAsync(string database, SafetyReport report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (!report.IsSafe)
        {
            throw new InvalidOperationException("Only what is safe can be signed off.");
        }

        var migrations = await MigrationFolder.ReadAsync(options.Folder, cancellationToken);
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(cancellationToken);
        await new SignOffTable(MigrationTarget.OfService(options).Tracking)
            .WriteAsync(connection, migrations.Where(migration => report.Judged.Contains(migration.Id)), options.AppliedBy, cancellationToken);
    }
}
