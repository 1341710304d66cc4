using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Projections.Scheduling;

/// <summary>Has projections checked on a schedule.</summary>
public static class CatchUpChecks
{
    /// <summary>Adds the schedule. A <see cref="ProjectionSystem"/> must be among the services.</summary>
    /// <exception cref="CheckSettingsInvalid">The section <c>Checks</c> is not as it should be.</exception>
    public static IServiceCollection AddCatchUpChecks(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = CheckSettings.Read(configuration);
        services.AddSingleton(settings);
        services.Replace(ServiceDescriptor.Singleton(settings.CatchUp));
        services.AddHostedService<CatchUpScheduler>();
        return services;
    }
}
