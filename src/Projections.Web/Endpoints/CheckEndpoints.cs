using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Checks;
using Projections.Reports;

namespace Projections.Web.Endpoints;

/// <summary>Whether versions kept up.</summary>
internal static class CheckEndpoints
{
    private const int Most = 1000;

    public static void Map(IEndpointRouteBuilder readers) =>
        readers.MapGet("/projections/{name}/checks", ReadAsync)
            .WithSummary("The verdicts of catch-up checks, newest first.").ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<Ok<IEnumerable<VersionCheckReport>>> ReadAsync(string name, ChosenDatabase chosen, CancellationToken cancellationToken, int limit = 50)
    {
        Wrong.Unless(limit is >= 1 and <= Most, $"'limit' must be between 1 and {Most}.");
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        return TypedResults.Ok((await CheckHistory.ReadAsync(chosen.System.Catalog, projection, limit, cancellationToken)).Select(VersionCheckReport.Of));
    }
}
