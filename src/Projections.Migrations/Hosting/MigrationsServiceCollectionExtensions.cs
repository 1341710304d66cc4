using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Projections.Migrations.Safety;
using Projections.Postgres;

namespace Projections.Migrations.Hosting;

/// <summary>Migrations as a part of a service's start.</summary>
public static class MigrationsServiceCollectionExtensions
{
    /// <summary>
    /// Applies pending migrations when the host starts, before it takes traffic. Any number of instances may start at once: one
    /// runs them, and the others wait and find nothing left to do. In production (by the host's environment) nothing runs that is neither signed
    /// off nor found safe on a throw-away copy, and the host does not start.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="connectionString">The service's database, in Npgsql's keys or as a URL (<c>postgres://…</c>). Migrations that say <c>transaction: none</c> need a direct connection, without a pooler between.</param>
    /// <param name="options">Which migrations, and how.</param>
    /// <param name="guard">What has to be proved in production before anything runs. The default is that of <c>projections migrate up</c>.</param>
    public static IServiceCollection AddMigrations(this IServiceCollection services, string connectionString, MigrationOptions options, MigrationGuard? guard = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        ArgumentNullException.ThrowIfNull(options);
        var database = Understood(connectionString);
        return services.AddHostedService(provider => new MigrationsAtStart(
            database, options, provider.GetService<IHostEnvironment>()?.IsProduction() == false ? null : guard ?? new MigrationGuard(),
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
