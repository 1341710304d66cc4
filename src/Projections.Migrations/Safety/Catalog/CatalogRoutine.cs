namespace Projections.Migrations.Safety.Catalog;

/// <summary>A function or procedure.</summary>
/// <param name="Oid">Its number.</param>
/// <param name="Signature">Its name with the types that callers pass.</param>
/// <param name="Arguments">Its arguments with names and defaults.</param>
/// <param name="Result">What it returns; empty for a procedure.</param>
internal sealed record CatalogRoutine(uint Oid, string Signature, string Arguments, string Result);
