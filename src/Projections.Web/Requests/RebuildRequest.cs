using System.ComponentModel;

namespace Projections.Web.Requests;

/// <summary>The body of <c>rebuild</c>.</summary>
internal sealed record RebuildRequest(
    [property: Description("The version; the newest when left out.")] int? To = null,
    [property: Description("Whether reads go to the version as soon as it is ready.")] bool SwitchWhenReady = false,
    [property: Description("Events a second at most.")] int? Throttle = null,
    [property: Description("Whether to begin anew with a version that has failed or is paused; where it is live, reads stay on the rows that it has until they are switched.")] bool Anew = false,
    [property: Description("The reason, kept in the history.")] string? Why = null);
