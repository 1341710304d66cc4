using Projections.Reports;

namespace Projections.Web.Live;

/// <summary>The state of all projections at one moment.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Projections">The state, or <c>null</c> when it could not be read.</param>
/// <param name="Trouble">Why it could not be read.</param>
internal sealed record StatusMoment(DateTimeOffset At, IReadOnlyList<ProjectionReport>? Projections, string? Trouble);
