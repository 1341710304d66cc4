using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Projections.Serving;

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

    internal static void AddTo(IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<CatalogHealth>("catalog", tags: [Ready], timeout: LongestCheck)
            .AddCheck<EventSourceHealth>("events", tags: [Ready], timeout: LongestCheck)
            .AddCheck<CatchUpHealth>("catch-up", HealthStatus.Degraded, [Ready], LongestCheck);
        // Of many databases each is looked at by who works on it: to ask them all, each time that somebody asks, would be a load of its own.
        services.AddOptions<HealthCheckServiceOptions>().PostConfigure<ServedDatabases>((options, databases) =>
        {
            foreach (var ofOne in databases.HaveNames ? options.Registrations.Where(check => check.Name is "catalog" or "events" or "catch-up").ToList() : [])
            {
                options.Registrations.Remove(ofOne);
            }
        });
    }

    internal static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var tag in (string[])[Live, Ready])
        {
            // Whoever asks too often must not have the process taken for dead.
            endpoints.MapGet($"{Prefix}/{tag}", (HttpContext context, HealthReports reports, StartingState starting) =>
                    starting.IsOver ? AnswerAsync(context, reports, tag) : AnswerAsync(context, tag == Ready, "starting", []))
                .AllowAnonymous().DisableRateLimiting().ExcludeFromDescription();
        }
    }

    private static async Task AnswerAsync(HttpContext context, HealthReports reports, string tag)
    {
        var report = await reports.ReadAsync(tag, context.RequestAborted);
        await AnswerAsync(
            context,
            report.Status == HealthStatus.Unhealthy,
            report.Status.ToString().ToLowerInvariant(),
            report.Entries.Select(entry => new CheckedPart(entry.Key, entry.Value.Status.ToString().ToLowerInvariant(), entry.Value.Description)));
    }

    private static Task AnswerAsync(HttpContext context, bool isUnwell, string status, IEnumerable<CheckedPart> checks)
    {
        context.Response.StatusCode = isUnwell ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new { Status = status, Checks = checks }, context.RequestAborted);
    }

    private sealed record CheckedPart(string Name, string Status, string? Reason);
}
