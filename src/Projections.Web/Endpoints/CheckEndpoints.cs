using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Checks;
using Projections.Reports;
using Projections.Web.Requests;

namespace Projections.Web.Endpoints;

/// <summary>Whether versions keep up: what was found, and a look now.</summary>
internal static class CheckEndpoints
{
    private const int Most = 1000;

    public static void MapReading(IEndpointRouteBuilder readers) =>
        readers.MapGet("/projections/{name}/checks", ReadAsync)
            .WithSummary("The verdicts of catch-up checks, newest first.").ProducesProblem(StatusCodes.Status404NotFound);

    public static void MapCommand(IEndpointRouteBuilder operators) =>
        operators.MapPost("/projections/{name}/check", CheckAsync)
            .WithSummary("Checks now whether the versions keep up, and does what the configuration allows.");

    private static async Task<Ok<IEnumerable<VersionCheckReport>>> ReadAsync(string name, ProjectionSystem system, CancellationToken cancellationToken, int limit = 50)
    {
        Wrong.Unless(limit is >= 1 and <= Most, $"'limit' must be between 1 and {Most}.");
        var projection = await Known.ProjectionAsync(system, name, cancellationToken);
        return TypedResults.Ok((await CheckHistory.ReadAsync(system.Catalog, projection, limit, cancellationToken)).Select(VersionCheckReport.Of));
    }

    private static async Task<Ok<CheckReport>> CheckAsync([AsParameters] CommandCall call, CatchUpSettings settings, ReasonRequest? request = null)
    {
        var checks = await new CheckCatchUp(call.System, settings).RunAsync(await call.FindProjectionAsync(), call.Because(request?.Why), call.Stop);
        return TypedResults.Ok(CheckReport.Of(checks.Single()));
    }
}
