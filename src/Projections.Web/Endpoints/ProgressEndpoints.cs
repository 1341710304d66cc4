using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Projections.Definitions;
using Projections.Reports;
using Projections.Web.Live;
using Projections.Web.Security;

namespace Projections.Web.Endpoints;

/// <summary>
/// Progress as server-sent events: first <c>samples</c> (rate and lag of the last minutes), then <c>status</c> every second, with how far all that are being built are together, or
/// <c>trouble</c> with a reason while the state cannot be read. Before the first status, and whenever there are other projections, <c>rights</c>: the
/// commands that whoever watches may give about each.
/// </summary>
internal static class ProgressEndpoints
{
    public static void Map(IEndpointRouteBuilder readers)
    {
        readers.MapGet("/progress", WatchAll)
            .WithSummary("The state of all projections as server-sent events, every second.").Produces<string>(contentType: "text/event-stream");
        readers.MapGet("/projections/{name}/progress", WatchOneAsync)
            .WithSummary("The state of one projection as server-sent events, every second.").Produces<string>(contentType: "text/event-stream")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static ServerSentEventsResult<object> WatchAll(ChosenDatabase chosen, IHostApplicationLifetime lifetime, HttpContext context) =>
        TypedResults.ServerSentEvents(WatchAsync(chosen.Feed, null, (CallerIdentity)context.User.Identity!, lifetime.ApplicationStopping, context.RequestAborted));

    private static async Task<ServerSentEventsResult<object>> WatchOneAsync(
        string name, ChosenDatabase chosen, IHostApplicationLifetime lifetime, HttpContext context)
    {
        var projection = await Known.ProjectionAsync(chosen.System, name, context.RequestAborted);
        return TypedResults.ServerSentEvents(WatchAsync(chosen.Feed, projection, (CallerIdentity)context.User.Identity!, lifetime.ApplicationStopping, context.RequestAborted));
    }

    private static async IAsyncEnumerable<SseItem<object>> WatchAsync(
        StatusFeed feed, ProjectionName? only, CallerIdentity caller, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // An open stream must not hold up the worker's stop.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        using var subscription = feed.Subscribe();
        yield return new SseItem<object>(feed.Samples.Read(only), "samples");
        IReadOnlyList<string>? told = null;
        while (await subscription.NextAsync(end.Token) is { } moment)
        {
            if (moment.Trouble is { } trouble)
            {
                yield return new SseItem<object>(new { moment.At, Reason = trouble }, "trouble");
                continue;
            }

            var projections = moment.Projections!.Where(report => only is null || report.Projection == only).ToList();
            var names = projections.Select(report => report.Projection.Value).ToList();
            if (told is null || !told.SequenceEqual(names))
            {
                told = names;
                yield return new SseItem<object>(names.ToDictionary(name => name, caller.VerbsOn), "rights");
            }

            yield return new SseItem<object>(new { moment.At, Projections = projections, Building = BuildingReport.Of(projections.SelectMany(report => report.Versions)) }, "status");
        }
    }
}
