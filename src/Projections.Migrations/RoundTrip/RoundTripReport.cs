namespace Projections.Migrations.RoundTrip;

/// <summary>What <c>projections migrate verify</c> found.</summary>
/// <param name="Results">One for each pending migration; after one that failed no later one is tried.</param>
/// <param name="Notes">What the copy could not hold, for people.</param>
public sealed record RoundTripReport(IReadOnlyList<RoundTripResult> Results, IReadOnlyList<string> Notes)
{
    public bool Succeeded => Results.All(result => result.Succeeded);
}
