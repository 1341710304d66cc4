using Projections.Definitions;
using Projections.Events;

namespace Projections.Verification;

/// <summary>What a comparison of two versions of a projection found.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Earlier">The version with the lower number.</param>
/// <param name="Later">The version with the higher one.</param>
/// <param name="Position">The position at which both were, or <c>null</c> when one is written by another program, so that nobody
/// knows whether both had seen the same events.</param>
/// <param name="Result">What was found.</param>
/// <param name="Took">How long it took.</param>
internal sealed record VerificationReport(
    ProjectionName Projection, int Earlier, int Later, EventPosition? Position, ComparisonResult Result, TimeSpan Took);
