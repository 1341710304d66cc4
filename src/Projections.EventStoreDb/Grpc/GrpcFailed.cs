namespace Projections.EventStoreDb.Grpc;

/// <summary>A call ended with another status than OK, or was not a gRPC call at all.</summary>
internal sealed class GrpcFailed(
    GrpcStatusCode status, string detail, IReadOnlyDictionary<string, string>? trailers = null, Exception? innerException = null)
    : Exception($"{status}: {detail}", innerException)
{
    private static readonly Dictionary<string, string> None = [];

    public GrpcStatusCode Status { get; } = status;

    /// <summary>What the server said, decoded.</summary>
    public string Detail { get; } = detail;

    /// <summary>What else came with the status; names are lower case.</summary>
    public IReadOnlyDictionary<string, string> Trailers { get; } = trailers ?? None;
}
