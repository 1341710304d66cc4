using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Projections.Commands;
using Projections.Events;
using Projections.Waiting;

namespace Projections.Web.Endpoints;

/// <summary>For applications that want to read what they have just written.</summary>
internal static class WaitEndpoints
{
    public static void Map(IEndpointRouteBuilder readers) =>
        readers.MapGet("/projections/{name}/wait", WaitAsync)
            .WithSummary("Waits until readers of the read name see an event: 204, or 408 with what is missing.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status408RequestTimeout).ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    private static async Task<Results<NoContent, ProblemHttpResult>> WaitAsync(
        string name,
        ChosenDatabase chosen,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken,
        string? position = null,
        string? stream = null,
        long? version = null,
        string? tenant = null,
        [Microsoft.AspNetCore.Mvc.FromQuery(Name = "event")] Guid? id = null,
        double timeout = 2)
    {
        var projection = await Known.ProjectionAsync(chosen.System, name, cancellationToken);
        // A wait must not hold up the worker's stop.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, cancellationToken);
        var result = await new WaitForEvent(chosen.System).RunAsync(projection, ReferenceOf(position, stream, version, tenant, id), TimeIn.Seconds(timeout), end.Token);
        return result.IsShown
            ? TypedResults.NoContent()
            : Problem.Of(
                StatusCodes.Status408RequestTimeout,
                "not-yet",
                result.Missing!,
                new Dictionary<string, object?> { ["event"] = result.Event?.ToString(), ["position"] = result.Position?.ToString() });
    }

    private static EventReference ReferenceOf(string? position, string? stream, long? version, string? tenant, Guid? id)
    {
        Wrong.Unless(
            (position is null ? 0 : 1) + (stream is null ? 0 : 1) + (id is null ? 0 : 1) == 1 && stream is null == version is null && (tenant is null || stream is not null),
            "Say which event is waited for: 'position', or 'stream' and 'version' (and 'tenant'), or 'event', its id.");
        if (position is not null)
        {
            Wrong.Unless(EventPosition.TryParse(position, out var place), $"'{position}' is no position: it is a number, or two as in '8812/8790'.");
            return new EventReference.AtPosition(place);
        }

        return stream is not null
            ? new EventReference.InStream(Guid.TryParse(stream, out var guid) ? new StreamId(guid) : new StreamId(stream), version!.Value, tenant)
            : new EventReference.WithId(id!.Value);
    }
}
