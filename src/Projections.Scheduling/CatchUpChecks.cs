using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Projections.Serving;

namespace Projections.Scheduling;

/// <summary>Has projections checked on a schedule.</summary>
public static class CatchUpChecks
{
    /// <summary>Adds the schedule; checks that are asked for expect the same. Add it before what asks for them, such as the bus. A <see cref="ProjectionSystem"/> must be among the services.</summary>
    /// <exception cref="CheckSettingsInvalid">The section <c>Checks</c> is not as it should be.</exception>
    public static IServiceCollection AddCatchUpChecks(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = CheckSettings.Read(configuration);
        services.TryAddSingleton(provider => ServedDatabases.Of(provider.GetRequiredService<ProjectionSystem>()));
        services.AddSingleton(settings);
        services.AddHostedService<CatchUpService>();
        return services;
    }
}
