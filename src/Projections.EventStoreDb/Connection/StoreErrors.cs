using System.Globalization;
using System.Security.Authentication;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.Connection;

/// <summary>Says in the store's words what a call failed with. The trailer <c>exception</c> says it where there is one.</summary>
internal static class StoreErrors
{
    public static EventStoreDbException Translate(GrpcFailed failed, string what, TimeSpan? deadline = null) =>
        failed.Trailers.GetValueOrDefault("exception") switch
        {
            "access-denied" => new AccessDenied(what, failed),
            "not-leader" => new NotLeader(what, Leader(failed), failed),
            "stream-not-found" => new StreamNotFound(Stream(failed), failed),
            "stream-deleted" => new StreamDeleted(Stream(failed), failed),
            _ when IsOfTls(failed) => new TlsFailed(what, failed.Detail, failed),
            _ => ByStatus(failed, what, deadline),
        };

    // Neither a certificate nor a server without TLS gets better by waiting; a handshake that a server did not live to end is no such failure.
    private static bool IsOfTls(GrpcFailed failed) => failed.InnerException is HttpRequestException { InnerException: AuthenticationException };

    private static EventStoreDbException ByStatus(GrpcFailed failed, string what, TimeSpan? deadline) => failed.Status switch
    {
        GrpcStatusCode.PermissionDenied => new AccessDenied(what, failed),
        GrpcStatusCode.Unauthenticated => new NotAuthenticated(what, failed),
        GrpcStatusCode.DeadlineExceeded => new DeadlineExceeded(what, deadline, failed),
        GrpcStatusCode.Aborted when failed.Detail.Contains("too slow", StringComparison.Ordinal) => new ConsumerTooSlow(what, failed),
        GrpcStatusCode.Unavailable or GrpcStatusCode.Aborted or GrpcStatusCode.Cancelled or GrpcStatusCode.ResourceExhausted =>
            new ServerUnavailable(what, failed.Detail, failed),
        // A read says it by the name of its result, a subscription in a sentence.
        _ when failed.Detail.Contains("invalid position", StringComparison.OrdinalIgnoreCase)
            || failed.Detail.Contains("InvalidPosition", StringComparison.Ordinal) => new InvalidPosition(what, failed),
        // A server that stops in the middle of a call, or a proxy on the way, says one of these.
        GrpcStatusCode.Unknown or GrpcStatusCode.Internal or GrpcStatusCode.DataLoss => new CallFailed(what, failed.Message, isPassing: true, failed),
        _ => new CallFailed(what, failed.Message, isPassing: false, failed),
    };

    private static NodeEndpoint? Leader(GrpcFailed failed) =>
        failed.Trailers.TryGetValue("leader-endpoint-host", out var host)
        && failed.Trailers.TryGetValue("leader-endpoint-port", out var port)
        && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new NodeEndpoint(host, number)
            : null;

    private static string Stream(GrpcFailed failed) => failed.Trailers.GetValueOrDefault("stream-name", "?");
}
