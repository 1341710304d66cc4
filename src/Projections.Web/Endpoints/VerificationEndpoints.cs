using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Commands;
using Projections.Planning;
using Projections.Reports;
using Projections.Switching.Queries;
using Projections.Verification;
using Projections.WorkOrders;

namespace Projections.Web.Endpoints;

/// <summary>What a rebuild would be, how a row came to be, and what came of work that was ordered.</summary>
internal static class VerificationEndpoints
{
    private const int Most = 1000;

    public static void Map(IEndpointRouteBuilder readers)
    {
        readers.MapGet("/projections/{name}/plan", PlanAsync)
            .WithSummary("What a rebuild and a switch would do to readers, and about what they take.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        readers.MapGet("/projections/{name}/queries", CompareQueriesAsync)
            .WithSummary("Which statements of readers would fail, scan or grow behind a version.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        readers.MapGet("/projections/{name}/side-by-side", PutSideBySideAsync)
            .WithSummary("The live version beside another: rows, sizes, what the last comparison found, who reads, and for how long they queued at the last switch.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        readers.MapGet("/projections/{name}/explain", ExplainAsync)
            .WithSummary("The events that made a row, folded by two versions' handlers one by one, and at which they part; all values hidden.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        readers.MapGet("/projections/{name}/work-orders", ListAsync)
            .WithSummary("What was ordered and what came of it, newest first.").ProducesProblem(StatusCodes.Status404NotFound);
        readers.MapGet("/projections/{name}/work-orders/{id:guid}", GetAsync)
            .WithSummary("How far an order is, or what came of it.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<RebuildPlan>> PlanAsync(string name, ChosenDatabase chosen, CancellationToken cancellationToken, int? to = null)
    {
        Wrong.Unless(to is null or >= 1, "'to' must be 1 or more.");
        return TypedResults.Ok(await new Plan(chosen.System).RunAsync(await Known.ProjectionAsync(chosen.System, name, cancellationToken), to, cancellationToken));
    }

    private static async Task<Ok<QueryReport>> CompareQueriesAsync(string name, ChosenDatabase chosen, CancellationToken cancellationToken, int? to = null)
    {
        Wrong.Unless(to is null or >= 1, "'to' must be 1 or more.");
        return TypedResults.Ok(await new CompareQueries(chosen.System).RunAsync(await Known.ProjectionAsync(chosen.System, name, cancellationToken), to, queries: null, cancellationToken));
    }

    private static async Task<Ok<SideBySide>> PutSideBySideAsync(string name, ChosenDatabase chosen, CancellationToken cancellationToken, int? to = null)
    {
        Wrong.Unless(to is null or >= 1, "'to' must be 1 or more.");
        return TypedResults.Ok(await new PutSideBySide(chosen.System).RunAsync(await Known.ProjectionAsync(chosen.System, name, cancellationToken), to, cancellationToken));
    }

    private static async Task<Ok<Explanation>> ExplainAsync(
        string name, string key, ChosenDatabase chosen, CancellationToken cancellationToken, int? from = null, int? to = null)
    {
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        var story = await new Explain(chosen.System) { Within = Explain.InARequest }.RunAsync(projection, key, from, to, cancellationToken);
        return TypedResults.Ok(story.Hidden());
    }

    private static async Task<Ok<IEnumerable<WorkOrderReport>>> ListAsync(string name, ChosenDatabase chosen, CancellationToken cancellationToken, int limit = 50)
    {
        Wrong.Unless(limit is >= 1 and <= Most, $"'limit' must be between 1 and {Most}.");
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        return TypedResults.Ok((await WorkOrderStore.ReadAsync(chosen.System.Catalog, projection, limit, cancellationToken)).Select(WorkOrderReport.Of));
    }

    private static async Task<Ok<WorkOrderReport>> GetAsync(string name, Guid id, ChosenDatabase chosen, CancellationToken cancellationToken)
    {
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        return TypedResults.Ok(WorkOrderReport.Of(
            await WorkOrderStore.FindAsync(chosen.System.Catalog, projection, id, cancellationToken)
            ?? throw new ProjectionUnknown($"There is no work order {id} of '{projection}'. Orders are kept for {WorkOrderStore.Kept.TotalDays:0} days after they have ended.")));
    }
}
