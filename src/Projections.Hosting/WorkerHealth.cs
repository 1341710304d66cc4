using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Projections.Hosting;

/// <summary>Whether the worker of this process goes on; one that could not is helped by a restart only.</summary>
internal sealed class WorkerHealth(WorkerService worker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(worker.Completion.IsCompleted ? HealthCheckResult.Unhealthy("The worker has stopped.") : HealthCheckResult.Healthy());
}

/// <summary>Whether the worker of this process can do all that it should. What it cannot heals by itself once its cause is mended: a restart does not help.</summary>
internal sealed class WorkHealth(WorkerService worker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(worker.Troubles is { Count: > 0 } troubles ? HealthCheckResult.Degraded(string.Join(" ", troubles)) : HealthCheckResult.Healthy());
}
