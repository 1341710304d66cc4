using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;

namespace Projections.Web.Security;

/// <summary>How often each caller may ask and command.</summary>
internal static class RequestLimits
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    public static void Configure(RateLimiterOptions limits, WebOptions options)
    {
        limits.GlobalLimiter = PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context => Partition(CallerOf(context), options.RequestsPerMinute)),
            PartitionedRateLimiter.Create<HttpContext, string>(context => HttpMethods.IsPost(context.Request.Method)
                ? Partition(CallerOf(context), options.CommandsPerMinute)
                : RateLimitPartition.GetNoLimiter("")));
        limits.OnRejected = RefuseAsync;
    }

    private static RateLimitPartition<string> Partition(string caller, int limit) =>
        RateLimitPartition.GetFixedWindowLimiter(caller, _ => new FixedWindowRateLimiterOptions { PermitLimit = limit, Window = Window });

    // Whoever tries keys has no name yet, and is counted by where they come from.
    private static string CallerOf(HttpContext context) =>
        context.User.Identity is { IsAuthenticated: true, Name: { } name } ? $"caller {name}" : $"address {context.Connection.RemoteIpAddress}";

    private static async ValueTask RefuseAsync(OnRejectedContext rejected, CancellationToken cancellationToken)
    {
        if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after))
        {
            rejected.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(after.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        await Problem.Of(StatusCodes.Status429TooManyRequests, "too-many", "Too many requests within a minute; 'Retry-After' says in how many seconds to go on.").ExecuteAsync(rejected.HttpContext);
    }
}
