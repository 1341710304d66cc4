using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Commands;
using Projections.Planning;
using Projections.Reports;
using Projections.Verification;
using Projections.Web.Requests;
using Projections.WorkOrders;

namespace Projections.Web.Endpoints;

/// <summary>
/// Proving, explaining and repairing. What takes long is ordered, and done by whichever worker has time; the answer says where to look.
/// </summary>
internal static class VerificationEndpoints
{
    private const int Most = 1000;

    /// <summary>A row whose events may be anywhere takes a reading of all of history; nobody waits for that in a request.</summary>
    private static readonly TimeSpan ExplainWithin = TimeSpan.FromMinutes(1);

    public static void MapReading(IEndpointRouteBuilder readers)
    {
        readers.MapGet("/projections/{name}/plan", PlanAsync)
            .WithSummary("What a rebuild and a switch would do to readers, and about what they take.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        readers.MapGet("/projections/{name}/explain", ExplainAsync)
            .WithSummary("The events that made a row, folded by two versions' handlers one by one, and at which they part.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        readers.MapGet("/projections/{name}/work-orders", ListAsync)
            .WithSummary("What was ordered and what came of it, newest first.").ProducesProblem(StatusCodes.Status404NotFound);
        readers.MapGet("/projections/{name}/work-orders/{id:guid}", GetAsync)
            .WithSummary("How far an order is, or what came of it.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static void MapCommands(IEndpointRouteBuilder operators)
    {
        operators.MapPost("/projections/{name}/verify", VerifyAsync).WithSummary("Orders a comparison of two versions row by row, or of one with its events.");
        operators.MapPost("/projections/{name}/repair", RepairAsync).WithSummary("Orders some rows to be folded anew from their events.");
        operators.MapPost("/projections/{name}/dry-run", RehearseAsync).WithSummary("Orders a rehearsal of a rebuild on a part of the streams.");
        operators.MapPost("/projections/{name}/work-orders/{id:guid}/cancel", CallOffAsync).WithSummary("Calls an order off: nothing comes of it.");
    }

    private static async Task<Ok<RebuildPlan>> PlanAsync(string name, ProjectionSystem system, CancellationToken cancellationToken, int? to = null)
    {
        Wrong.Unless(to is null or >= 1, "'to' must be 1 or more.");
        return TypedResults.Ok(await new Plan(system).RunAsync(await Known.ProjectionAsync(system, name, cancellationToken), to, cancellationToken));
    }

    private static async Task<Ok<Explanation>> ExplainAsync(
        string name, string key, ProjectionSystem system, CancellationToken cancellationToken, int? from = null, int? to = null)
    {
        var projection = await Known.ProjectionAsync(system, name, cancellationToken);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(ExplainWithin);
        try
        {
            return TypedResults.Ok(await new Explain(system).RunAsync(projection, key, from, to, limited.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OperationRefused(
                $"Explaining a row of '{projection}' takes longer than {ExplainWithin.TotalSeconds:0} seconds: its events may be in any stream, so all of history is read. Use 'projections explain {projection} KEY', or override StreamOf.");
        }
    }

    private static async Task<Ok<IEnumerable<WorkOrderReport>>> ListAsync(string name, ProjectionSystem system, CancellationToken cancellationToken, int limit = 50)
    {
        Wrong.Unless(limit is >= 1 and <= Most, $"'limit' must be between 1 and {Most}.");
        var projection = await Known.ProjectionAsync(system, name, cancellationToken);
        return TypedResults.Ok((await WorkOrderStore.ReadAsync(system.Catalog, projection, limit, cancellationToken)).Select(WorkOrderReport.Of));
    }

    private static async Task<Ok<WorkOrderReport>> GetAsync(string name, Guid id, ProjectionSystem system, CancellationToken cancellationToken)
    {
        var projection = await Known.ProjectionAsync(system, name, cancellationToken);
        return TypedResults.Ok(WorkOrderReport.Of(
            await WorkOrderStore.FindAsync(system.Catalog, projection, id, cancellationToken)
            ?? throw new ProjectionUnknown($"There is no work order {id} of '{projection}'. Orders are kept for {WorkOrderStore.Kept.TotalDays:0} days after they have ended.")));
    }

    private static Task<Accepted<OrderReport>> VerifyAsync([AsParameters] CommandCall call, VerifyRequest? request = null) =>
        OrderAsync(call, (request ?? new VerifyRequest()).ToWork(), request?.Why);

    private static Task<Accepted<OrderReport>> RepairAsync([AsParameters] CommandCall call, RepairRequest? request = null) =>
        OrderAsync(call, (request ?? new RepairRequest()).ToWork(), request?.Why);

    private static Task<Accepted<OrderReport>> RehearseAsync([AsParameters] CommandCall call, DryRunRequest? request = null) =>
        OrderAsync(call, (request ?? new DryRunRequest()).ToWork(), request?.Why);

    private static async Task<Ok<OperationReport>> CallOffAsync([AsParameters] CommandCall call, Guid id, ReasonRequest? request = null) =>
        TypedResults.Ok(OperationReport.Of(await new CallOffOrder(call.System).RunAsync(await call.FindProjectionAsync(), id, call.Because(request?.Why), call.Stop)));

    private static async Task<Accepted<OrderReport>> OrderAsync(CommandCall call, Work work, string? why)
    {
        var order = await new OrderWork(call.System).RunAsync(await call.FindProjectionAsync(), work, call.Because(why), call.Stop);
        return TypedResults.Accepted($"/projections/{order.Result.Version.Projection}/work-orders/{order.Id}", OrderReport.Of(order));
    }
}
