using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Operations;
using Projections.Reports;
using Projections.Web.Requests;

namespace Projections.Web.Endpoints;

/// <summary>What is to become of events that a version set aside.</summary>
internal static class DeadLetterCommands
{
    public static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapPost("/projections/{name}/dead-letters/retry", RetryAsync).WithSummary("Has waiting dead letters folded once more.");
        operators.MapPost("/projections/{name}/dead-letters/discard", DiscardAsync).WithSummary("Decides that waiting dead letters do not count; they stay listed.");
    }

    private static async Task<Ok<OperationReport>> RetryAsync([AsParameters] CommandCall call, DecisionRequest? request = null) =>
        TypedResults.Ok(OperationReport.Of(await new DecideDeadLetters(call.System).RetryAsync(
            await call.FindProjectionAsync(), request?.Version, Wrong.Position(request?.Position, "position"), call.Because(request?.Why), call.Stop)));

    private static async Task<Ok<OperationReport>> DiscardAsync([AsParameters] CommandCall call, DecisionRequest? request = null) =>
        TypedResults.Ok(OperationReport.Of(await new DecideDeadLetters(call.System).DiscardAsync(
            await call.FindProjectionAsync(), request?.Version, Wrong.Position(request?.Position, "position"), call.Because(request?.Why), call.Stop)));
}
