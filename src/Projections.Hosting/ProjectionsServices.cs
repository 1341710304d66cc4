using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Projections.Hosting.Configuration;
using Projections.Hosting.Databases;
using Projections.Serving;

namespace Projections.Hosting;

/// <summary>Makes an ordinary host a worker.</summary>
public static class ProjectionsServices
{
    /// <summary>The tags that the health checks <c>worker</c> (a restart would help) and <c>work</c> have.</summary>
    private static readonly string[] Restarts = ["live", "ready"];

    /// <summary>
    /// Adds a worker that starts and stops with the host, and <see cref="IProjections"/> to call the operations from code. Settings come from the host's
    /// configuration, by the names that the program <c>projections</c> has too (docs/settings.md), and from what the builder is told.
    /// </summary>
    /// <example><code>
    /// builder.Services.AddProjections()
    ///     .AddVersionsFrom(typeof(InvoiceSummaryV1).Assembly)
    ///     .AddMartenEvents();
    /// </code></example>
    public static ProjectionsBuilder AddProjections(this IServiceCollection services)
    {
        var builder = new ProjectionsBuilder(services);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ProjectionsOptions>().BindConfiguration(SettingsReader.Engine).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(builder);
        services.AddSingleton(provider => HasMany(provider)
            ? throw new InvalidOperationException("This program serves several databases, and so has no system for all. Ask for IProjections, and say which is meant: projections.In(\"north\").")
            : new ProjectionSystem(
                builder.RegistryOf(provider),
                builder.SettingsOf(provider).ReadModels,
                provider.GetRequiredService<IOptions<ProjectionsOptions>>().Value,
                provider.GetRequiredService<ILoggerFactory>(),
                provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => HasMany(provider)
            ? new ServedDatabases()
            : ServedDatabases.Of(provider.GetRequiredService<ProjectionSystem>(), () => provider.GetRequiredService<WorkerService>().Troubles));
        services.AddSingleton(provider => new DatabaseService(DatabaseList.Read(builder.ConfigurationOf(provider)), PartsOf(builder, provider)));
        // Before the worker, and before whatever else asks the system for something when it starts.
        services.AddHostedService<OpeningService>();
        return builder.AddWorker(provider => HasMany(provider) ? provider.GetRequiredService<DatabaseService>() : provider.GetRequiredService<WorkerService>());

        bool HasMany(IServiceProvider provider) => DatabaseList.IsIn(builder.ConfigurationOf(provider));
    }

    /// <summary>Adds a worker on a system that is open. It is closed by whoever opened it.</summary>
    internal static IServiceCollection AddProjections(this IServiceCollection services, ProjectionSystem system)
    {
        // An instance, not a factory: made outside, and closed there.
        services.AddSingleton(system);
        services.AddSingleton(provider => ServedDatabases.Of(system, () => provider.GetRequiredService<WorkerService>().Troubles));
        new ProjectionsBuilder(services).AddWorker(provider => provider.GetRequiredService<WorkerService>());
        return services;
    }

    /// <summary>Serves the databases of a list.</summary>
    internal static IServiceCollection AddProjections(this IServiceCollection services, DatabaseList list, DatabaseParts parts)
    {
        services.AddSingleton(parts.Served);
        services.AddSingleton(_ => new DatabaseService(list, parts));
        new ProjectionsBuilder(services).AddWorker(provider => provider.GetRequiredService<DatabaseService>());
        return services;
    }

    private static ProjectionsBuilder AddWorker(this ProjectionsBuilder builder, Func<IServiceProvider, IHostedService> worker)
    {
        builder.Services.AddSingleton<IProjections>(provider => new HostedProjections(provider.GetRequiredService<ServedDatabases>()));
        builder.Services.AddSingleton<WorkerService>();
        builder.Services.AddSingleton(worker);
        builder.Services.AddHealthChecks();
        builder.Services.AddOptions<HealthCheckServiceOptions>().Configure<ServedDatabases>((options, databases) =>
        {
            if (databases.HaveNames)
            {
                options.Registrations.Add(new HealthCheckRegistration("databases", _ => new DatabasesHealth(databases), null, ["ready"]));
                return;
            }

            options.Registrations.Add(new HealthCheckRegistration("worker", provider => ActivatorUtilities.CreateInstance<WorkerHealth>(provider), null, Restarts));
            options.Registrations.Add(new HealthCheckRegistration("work", provider => ActivatorUtilities.CreateInstance<WorkHealth>(provider), null, ["ready"]));
        });
        return builder;
    }

    private static DatabaseParts PartsOf(ProjectionsBuilder builder, IServiceProvider provider)
    {
        var list = DatabaseList.Read(builder.ConfigurationOf(provider));
        return new DatabaseParts(
            builder.RegistryOf(provider),
            address => builder.SettingsOf(provider, address),
            provider.GetRequiredService<ServedDatabases>(),
            new ProcessResources(provider.GetRequiredService<IOptions<ProjectionsOptions>>().Value),
            new ConnectionBudget(list.Options.ConnectionsEach, list.Options.Connections),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>());
    }
}
