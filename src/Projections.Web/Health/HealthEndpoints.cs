using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Projections.Web.Health;

/// <summary>
/// <c>/health/live</c>: whether the process is worth keeping; <c>/health/ready</c>: whether it can do its work now, with the reasons
/// when it cannot. Open to everybody, because whoever starts and stops containers has no key.
/// </summary>
public static class HealthEndpoints
{
    /// <summary>The tag of a check that a restart would help.</summary>
    public const string Live = "live";

    /// <summary>The tag of a check without which no work can be done.</summary>
    public const string Ready = "ready";

    /// <summary>What the paths of health begin with.</summary>
    internal const string Prefix = "/health";

    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(3);

    internal static void AddTo(IServiceCollection services) =>
        services.AddHealthChecks()
            .AddCheck<CatalogHealth>("catalog", tags: [Ready], timeout: LongestCheck)
            .AddCheck<EventSourceHealth>("events", tags: [Ready], timeout: LongestCheck)
            .AddCheck<CatchUpHealth>("catch-up", HealthStatus.Degraded, [Ready], LongestCheck);

    internal static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var tag in (string[])[Live, Ready])
        {
            // Whoever asks too often must not have the process taken for dead.
            endpoints.MapGet($"{Prefix}/{tag}", (HttpContext context, HealthReports reports) => AnswerAsync(context, reports, tag))
                .AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        }
    }

    private static async Task AnswerAsync(HttpContext context, HealthReports reports, string tag)
    {
        var report = await reports.ReadAsync(tag, context.RequestAborted);
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(
            new
            {
                Status = report.Status.ToString().ToLowerInvariant(),
                Checks = report.Entries.Select(entry => new { Name = entry.Key, Status = entry.Value.Status.ToString().ToLowerInvariant(), Reason = entry.Value.Description }),
            },
            context.RequestAborted);
    }
}
