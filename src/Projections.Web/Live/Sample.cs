using Projections.Definitions;

namespace Projections.Web.Live;

/// <summary>How fast a version was and how far behind, at one moment.</summary>
/// <param name="At">When, in milliseconds since 1970 (UTC).</param>
/// <param name="Rate">Events a second.</param>
/// <param name="LagEvents">Events behind the safe head.</param>
/// <param name="LagSeconds">Seconds behind the safe head.</param>
internal readonly record struct Sample(long At, double? Rate, long? LagEvents, double? LagSeconds);

/// <summary>The samples of a version, oldest first.</summary>
internal sealed record SampleLine(ProjectionName Projection, int Version, IReadOnlyList<Sample> Samples);
