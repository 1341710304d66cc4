using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Projections.Catalog;
using Projections.Operations;
using Projections.Reports;

namespace Projections.Web.Endpoints;

/// <summary>What happened to a projection, and the events that its versions could not handle.</summary>
internal static class HistoryEndpoints
{
    private const int Most = 1000;

    public static void Map(IEndpointRouteBuilder readers)
    {
        readers.MapGet("/projections/{name}/history", GetAsync)
            .WithSummary("Switches and changes of state: who, when and why; newest first.").ProducesProblem(StatusCodes.Status404NotFound);
        readers.MapGet("/projections/{name}/dead-letters", ListAsync)
            .WithSummary("Events that were set aside, with what is wrong and their data's values hidden, in the order of their positions.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Ok<HistoryReport>> GetAsync(string name, ChosenDatabase chosen, CancellationToken cancellationToken, int limit = 50)
    {
        RefuseLimit(limit);
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        return TypedResults.Ok(await HistoryReport.ReadAsync(chosen.System.Catalog, projection, limit, cancellationToken));
    }

    private static async Task<Ok<IEnumerable<DeadLetterReport>>> ListAsync(
        string name, ChosenDatabase chosen, CancellationToken cancellationToken, int? version = null, string? status = null, int limit = 100)
    {
        RefuseLimit(limit);
        DeadLetterStatus wanted = default;
        Wrong.Unless(
            status is null || (Enum.TryParse(status, ignoreCase: true, out wanted) && Enum.IsDefined(wanted)), $"'status' is '{status}', but expected is one of waiting, retry, resolved and discarded.");
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        var letters = await new ListDeadLetters(chosen.System).RunAsync(projection, version, limit, cancellationToken);
        return TypedResults.Ok(letters.Where(letter => status is null || letter.Status == wanted).Select(DeadLetterReport.Of));
    }

    private static void RefuseLimit(int limit) => Wrong.Unless(limit is >= 1 and <= Most, $"'limit' must be between 1 and {Most}.");
}
