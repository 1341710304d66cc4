namespace Projections.Migrations.Copies;

/// <summary>A table of a copy that is to get sample rows.</summary>
/// <param name="Oid">Its number in the catalog.</param>
/// <param name="Name">Its quoted and qualified name.</param>
/// <param name="Columns">Its columns, without generated ones.</param>
internal sealed record SampleTable(uint Oid, string Name, IReadOnlyList<SampleColumn> Columns);
