using Npgsql;
using Projections.Migrations.Files;
using Projections.Postgres;

namespace Projections.Migrations.Tracking;

/// <summary>
/// The table beside the tracking table that says which migrations were judged before they run and found safe. A verdict is about a text: it
/// holds for the files that were judged and for no others.
/// </summary>
internal sealed record SignOffTable(TrackingTable Tracking)
{
    private const string Columns =
        """
        service     text        NOT NULL,
        version     bigint      NOT NULL,
        checksum    text        NOT NULL,
        checked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
        checked_by  text        NOT NULL,
        PRIMARY KEY (service, version)
        """;

    public string Quoted => Own.Quoted;

    private OwnTable Own => new(Tracking.Schema, $"{Tracking.Name}_checked");

    /// <exception cref="MigrationRefused">The role may not create the table.</exception>
    public async Task WriteAsync(NpgsqlConnection connection, IEnumerable<Migration> migrations, string by, CancellationToken cancellationToken)
    {
        await Own.EnsureAsync(connection, Columns, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var migration in migrations)
        {
            await connection.ExecuteLongAsync(
                $"""
                INSERT INTO {Quoted} (service, version, checksum, checked_by) VALUES ($1, $2, $3, $4)
                ON CONFLICT (service, version) DO UPDATE SET checksum = excluded.checksum, checked_at = excluded.checked_at, checked_by = excluded.checked_by
                """,
                cancellationToken, Tracking.Service, migration.Version, migration.Up.Checksums.Normalised, by);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <returns>The migrations of which nobody has said that they are safe as they are now.</returns>
    public async Task<IReadOnlyList<Migration>> FindUnsignedAsync(
        NpgsqlConnection connection, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellationToken, Quoted))
        {
            return migrations;
        }

        var signed = await connection.QueryAsync(
            $"SELECT version, checksum FROM {Quoted} WHERE service = $1", row => (row.GetInt64(0), row.GetString(1)), cancellationToken, Tracking.Service);
        return [.. migrations.Where(migration => !signed.Contains((migration.Version, migration.Up.Checksums.Normalised)))];
    }
}
