using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Postgres;

namespace Projections.Migrations.Hosting;

/// <summary>Migrations as a part of a service's start.</summary>
public static class MigrationsServiceCollectionExtensions
{
    /// <summary>
    /// Applies pending migrations when the host starts, before it takes traffic. Any number of instances may start at once: one
    /// runs them, and the others wait and find nothing left to do.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="connectionString">The service's database, in Npgsql's keys or as a URL (<c>postgres://…</c>). Migrations that say <c>transaction: none</c> need a direct connection, without a pooler between.</param>
    /// <param name="options">Which migrations, and how.</param>
    public static IServiceCollection AddMigrations(this IServiceCollection services, string connectionString, MigrationOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        ArgumentNullException.ThrowIfNull(options);
        var database = Understood(connectionString);
        return services.AddHostedService(provider => new MigrationsAtStart(
            () => NpgsqlDataSource.Create(database), options,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetRequiredService<ILogger<MigrationsAtStart>>()));
    }

    private static string Understood(string connectionString)
    {
        try
        {
            return ConnectionText.ToConnectionString(connectionString);
        }
        catch (FormatException invalid)
        {
            throw new ArgumentException($"The connection string {invalid.Message}.", nameof(connectionString));
        }
    }
}
