using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Commands;
using Projections.Operations;
using Projections.Reports;
using Projections.Web.Requests;

namespace Projections.Web.Endpoints;

/// <summary>Commands about the building of a version. The work is done by whichever worker takes its lease.</summary>
internal static class BuildCommands
{
    public static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapPost("/projections/{name}/rebuild", RebuildAsync)
            .WithSummary("Asks for a version to be built beside the live one, and kept current.");
        operators.MapPost("/projections/{name}/pause", PauseAsync).WithSummary("Stops work on a version until it is resumed.");
        operators.MapPost("/projections/{name}/resume", ResumeAsync).WithSummary("Lets a paused or failed version go on from its checkpoint, or behind the event that it stopped at.");
        operators.MapPost("/projections/{name}/abort", AbortAsync).WithSummary("Gives up a version that was never live, and drops its table.");
        operators.MapPost("/projections/{name}/throttle", ThrottleAsync).WithSummary("Limits, or lifts the limit of, the events a second of a version that is being built.");
    }

    private static async Task<Accepted<OperationReport>> RebuildAsync([AsParameters] CommandCall call, RebuildRequest? request = null)
    {
        request ??= new RebuildRequest();
        Wrong.Unless(request.To is null or >= 1, "'to' must be 1 or more.");
        Wrong.Unless(request.Throttle is null or >= 1, "'throttle' must be 1 or more.");
        var projection = await call.FindProjectionAsync();
        var result = await (request.Anew
            ? new BeginAnew(call.System).RunAsync(projection, request.To, request.SwitchWhenReady, request.Throttle, call.Because(request.Why), call.Stop)
            : new Rebuild(call.System).RunAsync(projection, request.To, request.SwitchWhenReady, request.Throttle, call.Because(request.Why), call.Stop));
        return TypedResults.Accepted($"/projections/{result.Version.Projection}/versions/{result.Version.Number}", OperationReport.Of(result));
    }

    private static async Task<Ok<OperationReport>> PauseAsync([AsParameters] CommandCall call, VersionRequest? request = null) =>
        Done(await new Pause(call.System).RunAsync(await call.FindProjectionAsync(), request?.Version, call.Because(request?.Why), call.Stop));

    private static async Task<Ok<OperationReport>> ResumeAsync([AsParameters] CommandCall call, ResumeRequest? request = null)
    {
        var projection = await call.FindProjectionAsync();
        return Done(Wrong.Position(request?.SetAside, "setAside") is { } position
            ? await new Resume(call.System).SetAsideAsync(projection, request!.Version, position, call.Because(request.Why), call.Stop)
            : await new Resume(call.System).RunAsync(projection, request?.Version, call.Because(request?.Why), call.Stop));
    }

    private static async Task<Ok<OperationReport>> AbortAsync([AsParameters] CommandCall call, VersionRequest? request = null) =>
        Done(await new Abort(call.System).RunAsync(await call.FindProjectionAsync(), request?.Version, call.Because(request?.Why), call.Stop));

    private static async Task<Ok<OperationReport>> ThrottleAsync([AsParameters] CommandCall call, ThrottleRequest? request = null)
    {
        Wrong.Unless(request?.EventsPerSecond is null or >= 1, "'eventsPerSecond' must be 1 or more, or left out for no limit.");
        return Done(await new SetThrottle(call.System).RunAsync(
            await call.FindProjectionAsync(), request?.Version, request?.EventsPerSecond, call.Because(request?.Why), call.Stop));
    }

    private static Ok<OperationReport> Done(OperationResult result) => TypedResults.Ok(OperationReport.Of(result));
}
