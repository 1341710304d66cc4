using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Projections.Checks;
using Projections.Commands;
using Projections.Operations;
using Projections.Reports;
using Projections.Switching;
using Projections.Verification;
using Projections.WorkOrders;

namespace Projections.Web.Endpoints;

/// <summary>
/// What can be commanded. The body of a request is the command. What takes long is ordered, and done by whichever worker has time; the answer says
/// where to look. A new verb is a line here.
/// </summary>
internal static class CommandEndpoints
{
    public static void Map(IEndpointRouteBuilder operators)
    {
        Map<RebuildCommand, OperationResult, OperationReport>(operators, OperationReport.Of, built => $"/projections/{built.Projection}/versions/{built.Version}");
        MapDone<PauseCommand>(operators);
        MapDone<ResumeCommand>(operators);
        MapDone<AbortCommand>(operators);
        MapDone<SetThrottleCommand>(operators);
        MapSwitch<SwitchCommand>(operators);
        MapSwitch<RollbackCommand>(operators);
        MapDone<RetireCommand>(operators);
        MapDone<AdoptCommand>(operators);
        MapDone<WidenContractCommand>(operators);
        MapDone<AcceptCommand>(operators);
        MapDone<RetryDeadLettersCommand>(operators, "dead-letters/retry");
        MapDone<DiscardDeadLettersCommand>(operators, "dead-letters/discard");
        MapDone<StartReactionsCommand>(operators, "reactions/start");
        MapDone<StopReactionsCommand>(operators, "reactions/stop");
        MapDone<RetryReactionsCommand>(operators, "reactions/retry");
        MapDone<DiscardReactionsCommand>(operators, "reactions/discard");
        MapDone<StartFeedCommand>(operators, "feed/start");
        MapDone<StopFeedCommand>(operators, "feed/stop");
        Map<CheckCommand, ProjectionCheck, CheckReport>(operators, CheckReport.Of);
        Map<ShowEventCommand, ShownEvent, ShownEvent>(operators, shown => shown);
        Map<ExplainCommand, Explanation, Explanation>(operators, shown => shown);
        Map<ShowRowsCommand, ShownRows, ShownRows>(operators, shown => shown);
        MapOrder<VerifyCommand>(operators);
        MapOrder<RepairCommand>(operators);
        MapOrder<DryRunCommand>(operators);
        operators.MapPost("/projections/{name}/work-orders/{id:guid}/cancel", CallOffAsync).WithMetadata(VerbAttribute.Of(typeof(CallOffOrderCommand))).WithSummary(VerbAttribute.Of(typeof(CallOffOrderCommand)).Description)
            .Produces<OperationReport>();
    }

    private static void MapDone<TCommand>(IEndpointRouteBuilder operators, string? path = null)
        where TCommand : Command<OperationResult>, new() =>
        Map<TCommand, OperationResult, OperationReport>(operators, OperationReport.Of, path: path);

    private static void MapSwitch<TCommand>(IEndpointRouteBuilder operators)
        where TCommand : Command<SwitchResult>, new() =>
        Map<TCommand, SwitchResult, SwitchResult>(operators, result => result);

    private static void MapOrder<TCommand>(IEndpointRouteBuilder operators)
        where TCommand : Command<OrderResult>, new() =>
        Map<TCommand, OrderResult, OrderReport>(operators, OrderReport.Of, ordered => $"/projections/{ordered.Projection}/work-orders/{ordered.Id}");

    /// <param name="operators">Who may.</param>
    /// <param name="report">How what came of it is told.</param>
    /// <param name="place">Where to look for what will come of it; <c>null</c> when it is done once it is answered.</param>
    /// <param name="path">Below the projection; the verb when <c>null</c>.</param>
    private static void Map<TCommand, TResult, TReport>(
        IEndpointRouteBuilder operators, Func<TResult, TReport> report, Func<TReport, string>? place = null, string? path = null)
        where TCommand : Command<TResult>, new()
        where TResult : ICommandResult
    {
        var verb = VerbAttribute.Of(typeof(TCommand));
        operators.MapPost($"/projections/{{name}}/{path ?? verb.Name}", async ([AsParameters] CommandCall call, TCommand? command = null) =>
        {
            var done = report(await call.RunAsync(command ?? new TCommand()));
            return place is null ? Results.Ok(done) : Results.Accepted(place(done), done);
        }).WithMetadata(verb).WithSummary(verb.Description).Produces<TReport>(place is null ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> CallOffAsync([AsParameters] CommandCall call, Guid id, CallOffOrderCommand? command = null) =>
        Results.Ok(OperationReport.Of(await call.RunAsync((command ?? new CallOffOrderCommand()) with { Order = id })));
}
