using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Projections.Switching.Gates;

namespace Projections.Web;

/// <summary>Answers that say why a request was not carried out, as RFC 9457's problem details. <c>kind</c> is for programs.</summary>
internal static class Problem
{
    public static ProblemHttpResult Unauthorized { get; } =
        Of(StatusCodes.Status401Unauthorized, "unauthorized", "Say who you are: send a key that this worker knows as 'Authorization: Bearer KEY'.");

    public static ProblemHttpResult Forbidden(string? caller) =>
        Of(StatusCodes.Status403Forbidden, "forbidden", $"'{caller}' may look, but not command; that takes a key with the role 'operator'.");

    /// <summary>The request itself is wrong.</summary>
    public static ProblemHttpResult Mistake(string detail, int status = StatusCodes.Status422UnprocessableEntity) => Of(status, "mistake", detail);

    /// <summary>The request is right, but cannot be carried out as things are; nothing was changed.</summary>
    public static ProblemHttpResult Refused(string detail, IReadOnlyList<GateFailure>? gates = null) =>
        Of(StatusCodes.Status409Conflict, "refused", detail, gates is null ? null : new Dictionary<string, object?> { ["gates"] = gates });

    public static ProblemHttpResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, "not-found", detail);

    public static ProblemHttpResult Unavailable(string detail) => Of(StatusCodes.Status503ServiceUnavailable, "unavailable", detail);

    public static ProblemHttpResult Of(int status, string kind, string detail, IDictionary<string, object?>? more = null)
    {
        var extensions = more ?? new Dictionary<string, object?>();
        extensions["kind"] = kind;
        return TypedResults.Problem(detail, statusCode: status, extensions: extensions);
    }
}
