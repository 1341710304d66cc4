using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of <c>retire</c> and <c>accept</c>.</summary>
internal sealed record RetireRequest(
    [property: Description("The version.")] int Version,
    [property: Description("The reason, kept in the history.")] string? Why = null);
