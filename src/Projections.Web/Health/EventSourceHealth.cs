using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Projections.Web.Health;

/// <summary>Whether events can be read.</summary>
internal sealed class EventSourceHealth(ProjectionSystem system) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await system.Source.GetSafeHeadAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The event store cannot be read.", exception);
        }
    }
}
