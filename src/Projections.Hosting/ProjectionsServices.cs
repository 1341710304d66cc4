using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Projections.Definitions;
using Projections.Hosting.Configuration;

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
        services.AddSingleton(provider => new ProjectionSystem(
            builder.RegistryOf(provider),
            builder.SettingsOf(provider).ReadModels,
            provider.GetRequiredService<IOptions<ProjectionsOptions>>().Value,
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<TimeProvider>()));
        // Before the worker, and before whatever else asks the system for something when it starts.
        services.AddHostedService<OpeningService>();
        return builder.AddWorker();
    }

    /// <summary>Adds a worker on a system that is open. It is closed by whoever opened it.</summary>
    internal static IServiceCollection AddProjections(this IServiceCollection services, ProjectionSystem system)
    {
        // An instance, not a factory: made outside, and closed there.
        services.AddSingleton(system);
        new ProjectionsBuilder(services).AddWorker();
        return services;
    }

    private static ProjectionsBuilder AddWorker(this ProjectionsBuilder builder)
    {
        builder.Services.AddSingleton<IProjections, HostedProjections>();
        builder.Services.AddSingleton<WorkerService>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<WorkerService>());
        builder.Services.AddHealthChecks().AddCheck<WorkerHealth>("worker", tags: Restarts).AddCheck<WorkHealth>("work", tags: ["ready"]);
        return builder;
    }
}
