using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Projections.Web.Health;

/// <summary>Whether the catalog can be read and written: without it, neither work nor commands go on.</summary>
internal sealed class CatalogHealth(ProjectionSystem system) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "select pg_is_in_recovery() from projections.schema_step limit 1";
            return await command.ExecuteScalarAsync(cancellationToken) is true ? HealthCheckResult.Unhealthy("The catalog's database is a standby, which cannot be written.") : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The catalog cannot be reached.", exception);
        }
    }
}
