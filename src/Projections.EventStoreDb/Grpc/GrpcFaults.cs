using System.Net.Sockets;

namespace Projections.EventStoreDb.Grpc;

/// <summary>Says in gRPC's words what the HTTP client or the network threw.</summary>
internal static class GrpcFaults
{
    /// <summary>What to throw in its place: a <see cref="GrpcFailed"/>, or a cancellation where the caller cancelled; <c>null</c> to let it pass.</summary>
    public static Exception? Translate(Exception exception, GrpcDeadline deadline) => exception switch
    {
        GrpcFailed => null,
        OperationCanceledException when deadline.IsCancelledByCaller => null,
        _ when deadline.IsCancelledByCaller => new OperationCanceledException("The call was cancelled.", exception, deadline.Token),
        _ when deadline.IsOver => new GrpcFailed(GrpcStatusCode.DeadlineExceeded, $"no answer within {deadline.After!.Value.TotalSeconds:0.###} s", null, exception),
        HttpRequestException or IOException or SocketException => new GrpcFailed(GrpcStatusCode.Unavailable, Innermost(exception), null, exception),
        // The handler's own time limit for connecting.
        OperationCanceledException => new GrpcFailed(GrpcStatusCode.Unavailable, "no connection was made in time", null, exception),
        _ => null,
    };

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message;
    }
}
