using EventStore.Client;
using Grpc.Core;
using Projections.EventStoreDb.Connection;
using Projections.EventStoreDb.Errors;
using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.OfficialClient;

/// <summary>
/// What the client throws, as the status that the call ended with: its own exceptions have that inside. So both ways to read a store say the same of
/// the same failure.
/// </summary>
internal static class ClientErrors
{
    /// <returns><c>null</c> where it is nothing that a store or the way to it fails with.</returns>
    public static GrpcFailed? Of(Exception exception) => (exception as RpcException ?? exception.InnerException as RpcException) switch
    {
        { } failed => new GrpcFailed(
            // Of a connection that broke the client says Internal, as of a server's own error.
            failed.Status.DebugException is HttpRequestException or IOException ? GrpcStatusCode.Unavailable : (GrpcStatusCode)failed.StatusCode,
            failed.Status.Detail,
            failed.Trailers.Where(trailer => !trailer.IsBinary).GroupBy(trailer => trailer.Key).ToDictionary(named => named.Key, named => named.First().Value),
            failed.Status.DebugException ?? exception),
        _ when exception is DiscoveryException => new GrpcFailed(GrpcStatusCode.Unavailable, exception.Message, innerException: exception),
        _ => null,
    };

    public static EventStoreDbException Translate(GrpcFailed failed, string what) => StoreErrors.Translate(failed, what);
}
