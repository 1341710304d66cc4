using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of a decision on dead letters.</summary>
internal sealed record DecisionRequest(
    [property: Description("The version; the live one when left out.")] int? Version = null,
    [property: Description("The position of one event; all that wait when left out.")] string? Position = null,
    [property: Description("The reason, kept in the history.")] string? Why = null);
