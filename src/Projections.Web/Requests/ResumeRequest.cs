using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of <c>resume</c>.</summary>
internal sealed record ResumeRequest(
    [property: Description("The version, where there is more than one that could be meant.")] int? Version = null,
    [property: Description("The position of the event that it stopped at: it becomes a dead letter, and the version goes on behind it. Needs a reason.")] string? SetAside = null,
    [property: Description("The reason, kept in the history.")] string? Why = null);
