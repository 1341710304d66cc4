namespace Projections.Migrations.Safety.Catalog;

/// <summary>An index.</summary>
/// <param name="Oid">Its number.</param>
/// <param name="Table">Its table's number.</param>
/// <param name="IsUnique">Whether it keeps values apart.</param>
/// <param name="IsValid">Whether queries can use it.</param>
/// <param name="IsPartial">Whether it covers only some rows.</param>
/// <param name="Columns">The numbers of its key columns; 0 for an expression.</param>
/// <param name="Definition">As SQL.</param>
internal sealed record CatalogIndex(
    uint Oid, uint Table, bool IsUnique, bool IsValid, bool IsPartial, IReadOnlyList<short> Columns, string Definition);
