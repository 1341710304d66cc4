using Microsoft.Extensions.Diagnostics.HealthChecks;
using Projections.Serving;

namespace Projections.Hosting.Databases;

/// <summary>
/// How the databases are that this process serves. Never worse than degraded while one of them is open: a restart helps none, and would stop the others.
/// </summary>
internal sealed class DatabasesHealth(ServedDatabases databases) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var summary = databases.Summarize();
        return Task.FromResult(
            summary is { NeedALook.Count: 0, ListTrouble: null } ? HealthCheckResult.Healthy(summary.Text)
            : summary.Databases > 0 && databases.All.All(database => database.System is null) ? HealthCheckResult.Unhealthy(summary.Text)
            : HealthCheckResult.Degraded(summary.Text));
    }
}
