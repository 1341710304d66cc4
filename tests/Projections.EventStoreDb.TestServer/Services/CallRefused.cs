using Projections.EventStoreDb.Grpc;

namespace Projections.EventStoreDb.TestServer.Services;

/// <summary>A call ends with an error.</summary>
internal sealed class CallRefused(GrpcStatusCode status, string detail, params (string Name, string Value)[] trailers) : Exception(detail)
{
    public GrpcStatusCode Status { get; } = status;

    public IReadOnlyList<(string Name, string Value)> Trailers { get; } = trailers;
}
