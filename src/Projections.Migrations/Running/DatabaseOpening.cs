using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Running;

/// <summary>Gets a database ready to be migrated: waits for a server that is starting, and creates the database, where that is asked for.</summary>
public sealed class DatabaseOpening
{
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMilliseconds(500);

    // The database that every server has for whoever creates others.
    private const string Maintenance = "postgres";

    /// <summary>How long a server that cannot be reached yet is waited for. The default is not at all.</summary>
    public TimeSpan Patience { get; init; }

    /// <summary>Whether the database is created if it is not there. The default is <c>false</c>.</summary>
    public bool Creates { get; init; }

    /// <summary>The clock. The default is the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told once when a server has to be waited for, with the reason.</summary>
    public Action<Exception>? OnWait { get; init; }

    /// <param name="connectionString">The database.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Whether the database was created.</returns>
    /// <exception cref="MigrationRefused">The database is not there and is not to be created, or the role may not.</exception>
    /// <exception cref="NpgsqlException">The server could not be reached for as long as it was waited for.</exception>
    public async Task<bool> PrepareAsync(string connectionString, CancellationToken cancellationToken)
    {
        var address = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false };
        var began = Time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await TryAsync(address, cancellationToken);
            }
            catch (Exception notYet) when (PassingFault.Is(notYet) && Time.GetElapsedTime(began) < Patience)
            {
                if (attempt == 0)
                {
                    OnWait?.Invoke(notYet);
                }
            }

            await Task.Delay(AskAgainAfter, Time, cancellationToken);
        }
    }

    private async Task<bool> TryAsync(NpgsqlConnectionStringBuilder address, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(address.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            return false;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            if (!Creates)
            {
                throw new MigrationRefused([new Refusal("no-database", $"There is no database '{address.Database}' on {address.Host}. Create it, or let it be created by --create-database.")]);
            }
        }

        return await CreateAsync(address, cancellationToken);
    }

    private static async Task<bool> CreateAsync(NpgsqlConnectionStringBuilder address, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address.ConnectionString) { Database = Maintenance }.ConnectionString);
            await connection.OpenAsync(cancellationToken);
            await connection.ExecuteLongAsync($"CREATE DATABASE {SqlName.Quote(address.Database!)}", cancellationToken);
            return true;
        }
        catch (PostgresException there) when (there.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another instance that starts at the same time was quicker.
            return false;
        }
        catch (PostgresException denied) when (denied.IsAboutRights)
        {
            throw new MigrationRefused([new Refusal(
                "rights",
                $"The role '{address.Username}' may not create the database '{address.Database}' on {address.Host}: {denied.MessageText}. Grant it (ALTER ROLE {SqlName.Quote(address.Username ?? "the_role")} CREATEDB), or let somebody create the database for it.")]);
        }
    }
}
