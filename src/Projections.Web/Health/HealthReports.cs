using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Projections.Web.Health;

/// <summary>What the checks last found. However many ask, and however often, the checks run once a second at most.</summary>
internal sealed class HealthReports(HealthCheckService checks, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Look> _looks = new();

    /// <param name="tag">Which checks.</param>
    /// <param name="cancellationToken">Cancels the waiting, not the checks: others may wait for them, too.</param>
    public Task<HealthReport> ReadAsync(string tag, CancellationToken cancellationToken) =>
        _looks.AddOrUpdate(tag, Begin, (_, look) => time.GetElapsedTime(look.Began) < Fresh ? look : Begin(tag)).Report.Value.WaitAsync(cancellationToken);

    private Look Begin(string tag) => new(time.GetTimestamp(), new(() => checks.CheckHealthAsync(check => check.Tags.Contains(tag), CancellationToken.None)));

    private sealed record Look(long Began, Lazy<Task<HealthReport>> Report);
}
