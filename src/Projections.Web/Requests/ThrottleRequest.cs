using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of <c>throttle</c>.</summary>
internal sealed record ThrottleRequest(
    [property: Description("Events a second at most; no limit when left out.")] int? EventsPerSecond = null,
    [property: Description("The version, where there is more than one that could be meant.")] int? Version = null,
    [property: Description("The reason, kept in the history.")] string? Why = null);
