using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Projections.Catalog.Feeds;
using Projections.Commands;
using Projections.Feeds;
using Projections.Operations;

namespace Projections.Web.Endpoints;

/// <summary>
/// A projection's feed as server-sent events: each message an event of its kind, with its cursor as the id, so that a client which connects again
/// (<c>Last-Event-ID</c>) goes on behind the last one that it got.
/// </summary>
internal static class FeedEndpoints
{
    /// <summary>How long nothing may be sent before a comment is: a connection that is gone is found by it.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);

    private const int SentAtOnce = 64 * 1024;

    public static void Map(IEndpointRouteBuilder operators) =>
        operators.MapGet("/projections/{name}/feed", ReadAsync).WithMetadata(VerbAttribute.Of(typeof(StartFeedCommand)))
            .WithSummary("What becomes of the rows that readers see, as server-sent events: all rows first, or what follows a position or a message.")
            .Produces<string>(contentType: "text/event-stream").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status410Gone).ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    private static async Task ReadAsync(
        string name, ChosenDatabase chosen, IHostApplicationLifetime lifetime, HttpContext context, string? after = null, [FromHeader(Name = "Last-Event-ID")] string? last = null)
    {
        // What a client got last is newer than where it was told to begin.
        var text = last ?? after;
        var start = FeedStart.Snapshot;
        Wrong.Unless(text is null || FeedStart.TryParse(text, out start), $"'{text}' is no place in a feed: it is a position as 561400 or 8812/8790, or the id of a message as 8812-0-3.");
        var projection = await Known.ProjectionAsync(chosen.System, name, context.RequestAborted);
        // An open stream must not hold up the worker's stop.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping, context.RequestAborted);
        try
        {
            await SendAsync(new FeedReader(chosen.System, projection), start!, chosen.System.Time, context, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && context.Response.HasStarted)
        {
            // The client or the worker has had enough.
        }
        catch (Exception exception) when (exception is FeedGone or FeedOff && context.Response.HasStarted)
        {
            // It is told when the client connects again.
        }
    }

    private static async Task SendAsync(FeedReader reader, FeedStart start, TimeProvider time, HttpContext context, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var messages = reader.ReadAsync(start, once: false, end.Token).GetAsyncEnumerator(end.Token);
        var next = messages.MoveNextAsync().AsTask();
        try
        {
            // Whether there is such a place is known at the first look; a stream that is silent so far is one, too.
            if (await Task.WhenAny(next, Task.Delay(FirstLook, time, stop)) == next)
            {
                await next;
            }

            await BeginAsync(context, stop);
            var body = context.Response.BodyWriter;
            while (await IsThereMoreAsync(next, body, time, stop))
            {
                Write(body, messages.Current);
                next = messages.MoveNextAsync().AsTask();
                if (body.UnflushedBytes > SentAtOnce)
                {
                    await body.FlushAsync(stop);
                }
            }
        }
        finally
        {
            await end.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task BeginAsync(HttpContext context, CancellationToken stop)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache, no-store";
        await context.Response.StartAsync(stop);
        await context.Response.BodyWriter.FlushAsync(stop);
    }

    /// <summary>Waits for the next message; what was written before is sent meanwhile.</summary>
    private static async Task<bool> IsThereMoreAsync(Task<bool> next, PipeWriter body, TimeProvider time, CancellationToken stop)
    {
        while (!next.IsCompleted)
        {
            await body.FlushAsync(stop);
            await Task.WhenAny(next, Task.Delay(LongestSilence, time, stop));
            stop.ThrowIfCancellationRequested();
            if (!next.IsCompleted)
            {
                body.Write(":\n\n"u8);
            }
        }

        return await next;
    }

    private static void Write(PipeWriter body, FeedMessage message)
    {
        body.Write("event: "u8);
        Encoding.UTF8.GetBytes(message.Name, body);
        if (message.Cursor is { } cursor)
        {
            body.Write("\nid: "u8);
            Encoding.UTF8.GetBytes(cursor.ToString(), body);
        }

        body.Write("\ndata: "u8);
        body.Write(message.Json.Span);
        body.Write("\n\n"u8);
    }
}
