using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Operations;
using Projections.Reports;

namespace Projections.Web.Endpoints;

/// <summary>What projections and versions are and do.</summary>
internal static class ProjectionEndpoints
{
    public static void Map(IEndpointRouteBuilder readers)
    {
        readers.MapGet("/projections", ListAsync).WithSummary("All projections with their versions, states and lag.");
        readers.MapGet("/projections/{name}", GetAsync).WithSummary("One projection.").ProducesProblem(StatusCodes.Status404NotFound);
        readers.MapGet("/projections/{name}/versions/{number:int}", GetVersionAsync).WithSummary("One version.").ProducesProblem(StatusCodes.Status404NotFound);
        readers.MapGet("/projections/{name}/versions/{number:int}/switch", PreviewSwitchAsync)
            .WithSummary("What a switch to the version would do, and which gates would refuse it at present.").ProducesProblem(StatusCodes.Status404NotFound);
        readers.MapGet("/projections/{name}/versions/{number:int}/failed-event", ShowFailedEventAsync)
            .WithSummary("The event that the version stopped at, with its data's values hidden.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        readers.MapGet("/projections/{name}/rollback", PreviewRollbackAsync)
            .WithSummary("What a rollback would do, and which gates would refuse it at present.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Ok<IReadOnlyList<ProjectionReport>>> ListAsync(ChosenDatabase chosen, CancellationToken cancellationToken) =>
        TypedResults.Ok(await ProjectionReport.ReadAsync(chosen.System, null, cancellationToken));

    private static async Task<Ok<ProjectionReport>> GetAsync(string name, ChosenDatabase chosen, CancellationToken cancellationToken)
    {
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        return TypedResults.Ok((await ProjectionReport.ReadAsync(chosen.System, projection, cancellationToken)).Single());
    }

    private static async Task<Ok<VersionReport>> GetVersionAsync(string name, int number, ChosenDatabase chosen, CancellationToken cancellationToken)
    {
        var version = await Known.VersionAsync(chosen.System, name, number, cancellationToken);
        var report = (await ProjectionReport.ReadAsync(chosen.System, version.Projection, cancellationToken)).Single();
        return TypedResults.Ok(report.Versions.Single(found => found.Version == number));
    }

    private static async Task<Ok<ShownEvent>> ShowFailedEventAsync(string name, int number, ChosenDatabase chosen, CancellationToken cancellationToken)
    {
        var version = await Known.VersionAsync(chosen.System, name, number, cancellationToken);
        return TypedResults.Ok(await new ShowEvent(chosen.System).RunAsync(version.Projection, number, cancellationToken));
    }

    private static async Task<Ok<SwitchPreview>> PreviewSwitchAsync(
        string name, int number, ChosenDatabase chosen, CancellationToken cancellationToken, bool keepContract = false, bool requireVerified = false)
    {
        var version = await Known.VersionAsync(chosen.System, name, number, cancellationToken);
        return TypedResults.Ok(await SwitchPreview.ReadAsync(chosen.System, version, new SwitchCommand { KeepContract = keepContract, RequireVerified = requireVerified }, cancellationToken));
    }

    private static async Task<Ok<SwitchPreview>> PreviewRollbackAsync(
        string name, ChosenDatabase chosen, CancellationToken cancellationToken, bool requireVerified = false)
    {
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        var command = new RollbackCommand { Projection = projection, RequireVerified = requireVerified };
        var previous = await command.FindTargetsAsync(chosen.System, cancellationToken);
        return TypedResults.Ok(await SwitchPreview.ReadAsync(chosen.System, previous[0], command, cancellationToken));
    }
}
