using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
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

    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(3);

    internal static void AddTo(IServiceCollection services) =>
        services.AddHealthChecks()
            .AddCheck<CatalogHealth>("catalog", tags: [Ready], timeout: LongestCheck)
            .AddCheck<EventSourceHealth>("events", tags: [Ready], timeout: LongestCheck)
            .AddCheck<CatchUpHealth>("catch-up", HealthStatus.Degraded, [Ready], LongestCheck);

    internal static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapHealthChecks("/health/live", Of(Live)).AllowAnonymous();
        endpoints.MapHealthChecks("/health/ready", Of(Ready)).AllowAnonymous();
    }

    private static HealthCheckOptions Of(string tag) => new() { Predicate = check => check.Tags.Contains(tag), ResponseWriter = AnswerAsync };

    private static Task AnswerAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        Status = report.Status.ToString().ToLowerInvariant(),
        Checks = report.Entries.Select(entry => new { Name = entry.Key, Status = entry.Value.Status.ToString().ToLowerInvariant(), Reason = entry.Value.Description }),
    });
}
