namespace Projections.Migrations.Safety;

/// <summary>What <c>projections migrate check</c> found.</summary>
/// <param name="Findings">In the order of files and lines.</param>
/// <param name="Judged">The migrations that were tried, in order.</param>
/// <param name="NotJudged">Those that could not be, because an earlier one fails.</param>
/// <param name="Notes">What the copy could not hold, for people.</param>
public sealed record SafetyReport(
    IReadOnlyList<Finding> Findings, IReadOnlyList<string> Judged, IReadOnlyList<string> NotJudged, IReadOnlyList<string> Notes)
{
    /// <summary>Whether everything pending was judged, and nothing unsafe was found that its file does not give a reason for.</summary>
    public bool IsSafe => NotJudged.Count == 0 && !Findings.Any(finding => finding.IsUnsafe);
}
