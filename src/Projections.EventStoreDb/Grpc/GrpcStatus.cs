using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Projections.EventStoreDb.Grpc;

/// <summary>
/// Finds out how a call ended, from the trailers, from the headers when there is no body ("trailers-only"), or from the HTTP
/// status where a proxy answered. See https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md.
/// </summary>
internal static class GrpcStatus
{
    private const string StatusName = "grpc-status";
    private const string MessageName = "grpc-message";

    /// <summary>Throws unless the answer's head is that of a gRPC answer with more to come.</summary>
    /// <returns>Whether the head is all there is, and says that all went well.</returns>
    /// <exception cref="GrpcFailed">It is not, or it says that the call failed.</exception>
    public static bool CheckHead(HttpResponseMessage response)
    {
        if (response.Headers.Contains(StatusName))
        {
            Check(response.Headers);
            return true;
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new GrpcFailed(FromHttp(response.StatusCode), $"the server answered HTTP {(int)response.StatusCode}");
        }

        var type = response.Content.Headers.ContentType?.MediaType;
        if (type is null || !type.StartsWith("application/grpc", StringComparison.Ordinal))
        {
            throw new GrpcFailed(GrpcStatusCode.Unknown, $"the server answered with content type '{type}', not application/grpc; is it an EventStoreDB or KurrentDB, and the port its HTTP port?");
        }

        return false;
    }

    /// <summary>Throws unless the headers or trailers say that all went well.</summary>
    /// <exception cref="GrpcFailed">They say otherwise, or nothing that can be understood.</exception>
    public static void Check(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues(StatusName, out var values))
        {
            throw new GrpcFailed(GrpcStatusCode.Unknown, "the answer ended without a status");
        }

        if (!int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code > (int)GrpcStatusCode.Unauthenticated)
        {
            throw new GrpcFailed(GrpcStatusCode.Unknown, $"the answer ended with the status '{values}', which is none");
        }

        if (code != 0)
        {
            var trailers = headers.NonValidated.ToDictionary(one => one.Key.ToLowerInvariant(), one => one.Value.ToString(), StringComparer.Ordinal);
            var detail = trailers.TryGetValue(MessageName, out var message) ? Uri.UnescapeDataString(message) : "no reason was given";
            throw new GrpcFailed((GrpcStatusCode)code, detail, trailers);
        }
    }

    // The mapping of https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md.
    private static GrpcStatusCode FromHttp(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => GrpcStatusCode.Internal,
        HttpStatusCode.Unauthorized => GrpcStatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => GrpcStatusCode.PermissionDenied,
        HttpStatusCode.NotFound => GrpcStatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout =>
            GrpcStatusCode.Unavailable,
        _ => GrpcStatusCode.Unknown,
    };
}
