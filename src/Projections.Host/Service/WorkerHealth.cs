using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Projections.Host.Service;

/// <summary>Whether the worker of this process goes on; one that could not is helped by a restart only.</summary>
internal sealed class WorkerHealth(WorkerService worker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(worker.Completion.IsCompleted ? HealthCheckResult.Unhealthy("The worker has stopped.") : HealthCheckResult.Healthy());
}
