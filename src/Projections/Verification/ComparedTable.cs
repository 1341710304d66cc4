namespace Projections.Verification;

/// <summary>One side of a comparison.</summary>
/// <param name="Relation">The table's name, quoted, with its schema.</param>
/// <param name="LeftOut">SQL conditions of rows that are on this side alone on purpose.</param>
internal sealed record ComparedTable(string Relation, IReadOnlyList<string> LeftOut);
