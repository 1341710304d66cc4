using System.Text.Json.Serialization;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Verification;

/// <summary>What a comparison of two versions of a projection found.</summary>
/// <param name="Projection">The projection.</param>
/// <param name="Earlier">The version with the lower number.</param>
/// <param name="Later">The version with the higher one.</param>
/// <param name="Position">The position at which both were when the last rows were compared, or <c>null</c> when one is written by another program, so that nobody
/// knows whether both had seen the same events.</param>
/// <param name="Result">What was found.</param>
/// <param name="Took">How long it took.</param>
internal sealed record VerificationReport(
    ProjectionName Projection, int Earlier, int Later, EventPosition? Position, ComparisonResult Result, TimeSpan Took)
{
    /// <summary>The position at which both were when the first rows were compared: large tables are compared in ranges of keys, one after the other.</summary>
    public EventPosition? Since { get; init; }

    /// <summary>The same without the values in its samples: <see cref="HiddenData"/>.</summary>
    public VerificationReport Hidden() => this with { Result = Result.Hidden() };

    /// <summary>At which position, or between which two, for people to read; empty when there is none.</summary>
    [JsonIgnore]
    public string Where => Position is null ? "" : Since == Position ? $" at position {Position}" : $" between positions {Since} and {Position}";
}
