using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Commands;
using Projections.Operations;
using Projections.Reports;
using Projections.Web.Requests;

namespace Projections.Web.Endpoints;

/// <summary>Commands about what reads go to.</summary>
internal static class ReadCommands
{
    public static void Map(IEndpointRouteBuilder operators)
    {
        operators.MapPost("/projections/{name}/switch", SwitchAsync).WithSummary("Moves reads to another version in one transaction, once every gate is open.");
        operators.MapPost("/projections/{name}/rollback", RollBackAsync).WithSummary("Moves reads back to the version that was live before the last switch.");
        operators.MapPost("/projections/{name}/retire", RetireAsync).WithSummary("Drops the table of a version that nobody needs any more.");
        operators.MapPost("/projections/{name}/adopt", AdoptAsync).WithSummary("Takes over a plain table that services read, as version 1.");
        operators.MapPost("/projections/{name}/contract", WidenAsync).WithSummary("Lets a read name that was kept to its columns show all of the live version's.");
        operators.MapPost("/projections/{name}/accept", AcceptAsync).WithSummary("Accepts that a version's folder has changed since its table was built.");
    }

    private static async Task<Ok<SwitchReport>> SwitchAsync([AsParameters] CommandCall call, SwitchRequest request)
    {
        Wrong.Unless(request.To >= 1, "'to' must be 1 or more.");
        return TypedResults.Ok(SwitchReport.Of(await new SwitchReads(call.System).RunAsync(
            await call.FindProjectionAsync(), request.To, request.ToOptions(), call.Because(request.Why), call.Stop)));
    }

    private static async Task<Ok<SwitchReport>> RollBackAsync([AsParameters] CommandCall call, RollbackRequest? request = null)
    {
        request ??= new RollbackRequest();
        return TypedResults.Ok(SwitchReport.Of(await new SwitchReads(call.System).RollBackAsync(
            await call.FindProjectionAsync(), request.ToOptions(), call.Because(request.Why), call.Stop)));
    }

    private static async Task<Ok<OperationReport>> RetireAsync([AsParameters] CommandCall call, RetireRequest request) =>
        Done(await new Retire(call.System).RunAsync(await call.FindProjectionAsync(), request.Version, call.Because(request.Why), call.Stop));

    private static async Task<Ok<OperationReport>> AdoptAsync([AsParameters] CommandCall call, AdoptRequest? request = null) =>
        Done(await new Adopt(call.System).RunAsync(await call.FindProjectionAsync(), Wrong.Position(request?.At, "at"), call.Because(request?.Why), call.Stop));

    private static async Task<Ok<OperationReport>> WidenAsync([AsParameters] CommandCall call, ReasonRequest? request = null) =>
        Done(await new WidenContract(call.System).RunAsync(await call.FindProjectionAsync(), call.Because(request?.Why), call.Stop));

    private static async Task<Ok<OperationReport>> AcceptAsync([AsParameters] CommandCall call, RetireRequest request) =>
        Done(await new Accept(call.System).RunAsync(await call.FindProjectionAsync(), request.Version, call.Because(request.Why), call.Stop));

    private static Ok<OperationReport> Done(OperationResult result) => TypedResults.Ok(OperationReport.Of(result));
}
