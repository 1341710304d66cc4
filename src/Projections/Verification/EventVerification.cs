using Projections.Definitions;
using Projections.Events;

namespace Projections.Verification;

/// <summary>What a comparison of a version with its own events found.</summary>
/// <param name="Version">The version.</param>
/// <param name="Position">The position up to which events were folded: the version's checkpoint in the comparison's snapshot.</param>
/// <param name="Share">Which part of the rows was looked at.</param>
/// <param name="Events">How many events were read.</param>
/// <param name="Result">What was found; the earlier table is the stored one, the later the fold.</param>
/// <param name="Took">How long it took.</param>
internal sealed record EventVerification(VersionId Version, EventPosition Position, double Share, long Events, ComparisonResult Result, TimeSpan Took)
{
    /// <summary>The same without the values in its samples: <see cref="HiddenData"/>.</summary>
    public EventVerification Hidden() => this with { Result = Result.Hidden() };
}
