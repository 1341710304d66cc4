using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Commands;
using Projections.Events;
using Projections.Faults;
using Projections.Feeds;
using Projections.Postgres;
using Projections.Serving;
using Projections.Switching;
using Projections.Verification;
using Projections.Web.Security;

namespace Projections.Web;

/// <summary>
/// Answers a request that ended with an exception. What the core says to people is passed on; of everything else only that it
/// happened: a database's message may name a server or hold a part of a row.
/// </summary>
internal sealed partial class ProblemOfException(ILogger<ProblemOfException> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        var problem = Of(exception);
        if (problem.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            LogFailed(logger, context.Request.Method, context.Request.Path, exception);
        }

        await problem.ExecuteAsync(context);
        return true;
    }

    private static ProblemHttpResult Of(Exception exception) => exception switch
    {
        OperationRefused { IsMistake: true } => Problem.Mistake(exception.Message),
        OperationRefused or NotComparable or FeedOff => Problem.Refused(exception.Message),
        FeedGone => Problem.Of(StatusCodes.Status410Gone, "gone", exception.Message),
        SwitchRefused refused => Problem.Refused(refused.Message, refused.Failures),
        OutcomeUnknown => Problem.Of(StatusCodes.Status504GatewayTimeout, "unknown", exception.Message),
        CommandForbidden forbidden => Problem.Forbidden(forbidden.Caller, forbidden.Verb, forbidden.Projection),
        DatabaseNotOpen => Problem.Unavailable(exception.Message),
        ProjectionUnknown => Problem.NotFound(exception.Message),
        BadHttpRequestException { InnerException: JsonException { Path: { Length: > 1 } path } wrong } bad => Problem.Mistake($"The body is no such command: '{path[2..]}' cannot be read. {wrong.Message}", bad.StatusCode),
        BadHttpRequestException bad => Problem.Mistake($"{bad.Message} {bad.InnerException?.Message}".TrimEnd(), bad.StatusCode),
        OperationCanceledException => Problem.Unavailable("This worker is stopping. Ask another, or again in a moment."),
        EventSourceUnavailable or EventSourceUnusable => Problem.Unavailable("The event store cannot be read at the moment; the worker's log says why."),
        _ when exception is NpgsqlException || PassingFault.Is(exception) => Problem.Unavailable("The database did not do what it was asked for; the worker's log says why."),
        _ => Problem.Of(StatusCodes.Status500InternalServerError, "failed", "Something happened that should not; the worker's log says what."),
    };

    [LoggerMessage(721, LogLevel.Error, "{Method} {Path} failed.")]
    private static partial void LogFailed(ILogger logger, string method, string path, Exception exception);
}
