using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of a command about one version.</summary>
internal sealed record VersionRequest(
    [property: Description("The version, where there is more than one that could be meant.")] int? Version = null,
    [property: Description("The reason, kept in the history.")] string? Why = null);
