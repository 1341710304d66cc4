namespace Projections.Migrations.Safety;

/// <summary>How large a table is where it counts.</summary>
/// <param name="Bytes">With its indexes.</param>
/// <param name="Rows">By the planner's estimate.</param>
internal sealed record TableSize(long Bytes, long Rows);
