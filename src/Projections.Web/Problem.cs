using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Projections.Switching.Gates;

namespace Projections.Web;

/// <summary>Answers that say why a request was not carried out, as RFC 9457's problem details. <c>kind</c> is for programs.</summary>
internal static class Problem
{
    public static ProblemHttpResult Unauthorized { get; } =
        Of(StatusCodes.Status401Unauthorized, "unauthorized", "Say who you are: send a key that this worker knows, or a token of its identity provider, as 'Authorization: Bearer KEY'.");

    /// <param name="caller">Who it is.</param>
    /// <param name="verb">The command that they may not give; <c>null</c> where they may not even look.</param>
    /// <param name="projection">The projection that it is about.</param>
    public static ProblemHttpResult Forbidden(string? caller, string? verb, string? projection) => Of(
        StatusCodes.Status403Forbidden,
        "forbidden",
        verb is null
            ? $"'{caller}' has none of the roles that are known here. 'reader' may look; others are given rights by 'Http:Roles'."
            : $"'{caller}' may not {verb} '{projection}'. That takes the role 'operator', or one that has the right to it by 'Http:Roles'.");

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
