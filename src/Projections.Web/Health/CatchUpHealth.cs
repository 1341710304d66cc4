using Microsoft.Extensions.Diagnostics.HealthChecks;
using Projections.Checks;

namespace Projections.Web.Health;

/// <summary>
/// What the last catch-up checks found. Never worse than degraded: taking a worker away does not help a projection to catch up.
/// </summary>
internal sealed class CatchUpHealth(ProjectionSystem system) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var records = await CheckHistory.ReadLatestAsync(system.Catalog, cancellationToken);
            var bad = records.Where(record => record.Verdict != Verdict.Healthy).Select(record => $"{record.Version} is {record.Verdict.Text()}").ToList();
            return bad.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded($"{string.Join(", ", bad)}.");
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return HealthCheckResult.Degraded("The verdicts cannot be read.", exception);
        }
    }
}
