using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of a command that needs nothing but a reason.</summary>
internal sealed record ReasonRequest(
    [property: Description("The reason, kept in the history.")] string? Why = null);
