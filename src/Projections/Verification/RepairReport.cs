using Projections.Definitions;

namespace Projections.Verification;

/// <summary>What came of a repair.</summary>
/// <param name="Version">The version.</param>
/// <param name="Keys">How many rows were folded anew.</param>
/// <param name="Before">How many of them the table had.</param>
/// <param name="After">How many it has now.</param>
internal sealed record RepairReport(VersionId Version, int Keys, int Before, int After);
