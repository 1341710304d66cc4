
namespace Projections.Catalog.Announcements;

/// <summary>How a repair came out.</summary>
/// <param name="Rows">How many rows were folded anew.</param>
/// <param name="Before">How many of them the table had.</param>
/// <param name="After">How many it has now.</param>
internal sealed record RepairedRows(int Rows, int Before, int After);
