using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using Projections.Serving;

namespace Projections.Exporting;

/// <summary>Sends what the service measures, traces and logs to a collector, by OTLP.</summary>
public static class ProjectionsExporting
{
    /// <summary>Adds the sending of metrics and traces, where a collector is configured. A <see cref="ProjectionSystem"/> must be
    /// among the services.</summary>
    /// <exception cref="TelemetryOptionsInvalid">The section <c>Telemetry</c> is not as it should be.</exception>
    public static IServiceCollection AddProjectionsTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var options = TelemetryConfiguration.Read(configuration);
        if (options.Endpoint is null)
        {
            return services;
        }

        services.TryAddSingleton(provider => ServedDatabases.Of(provider.GetRequiredService<ProjectionSystem>()));
        return services.AddHostedService(provider => new TelemetryService(provider.GetRequiredService<ServedDatabases>(), options));
    }

    /// <summary>Sends logs, too, with their events' ids and values by name, where a collector is configured.</summary>
    /// <exception cref="TelemetryOptionsInvalid">The section <c>Telemetry</c> is not as it should be.</exception>
    public static ILoggingBuilder AddProjectionsTelemetry(this ILoggingBuilder logging, IConfiguration configuration)
    {
        var options = TelemetryConfiguration.Read(configuration);
        return options is { Endpoint: not null, Logs: true }
            ? logging.AddOpenTelemetry(logger =>
            {
                logger.SetResourceBuilder(TelemetryService.ResourceOf(options, $"{Environment.MachineName}-{Environment.ProcessId}"));
                logger.IncludeFormattedMessage = true;
                logger.AddOtlpExporter(exporter => OtlpTarget.Apply(exporter, options, "logs"));
            })
            : logging;
    }
}
