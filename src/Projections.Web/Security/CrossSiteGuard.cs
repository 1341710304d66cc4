using System.Net;
using Microsoft.AspNetCore.Http;

namespace Projections.Web.Security;

/// <summary>
/// Keeps other web sites from commanding through the browser of somebody who may. Where no keys are needed, being on this machine
/// is what lets one in, and a browser on this machine carries out what any site tells it.
/// </summary>
internal sealed class CrossSiteGuard(RequestDelegate next, WebOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        // A site whose name is pointed to 127.0.0.1 (DNS rebinding) is of one origin with us, but cannot hide its name.
        if (options.IsOpen && !IsThisMachine(context.Request.Host.Host))
        {
            return Problem.Of(StatusCodes.Status421MisdirectedRequest, "mistake", "Without keys, this worker answers to localhost, 127.0.0.1 and [::1] only.").ExecuteAsync(context);
        }

        return IsFromElsewhere(context.Request)
            ? Problem.Of(StatusCodes.Status403Forbidden, "forbidden", "Commands are not taken from other web sites.").ExecuteAsync(context)
            : next(context);
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsFromElsewhere(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return false;
        }

        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var origin = request.Headers.Origin.ToString();
        return (site.Length > 0 && site is not ("same-origin" or "none"))
            || (origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
    }
}
