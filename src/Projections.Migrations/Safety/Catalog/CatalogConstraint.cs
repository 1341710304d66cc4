namespace Projections.Migrations.Safety.Catalog;

/// <summary>A constraint of a table or domain.</summary>
/// <param name="Oid">Its number.</param>
/// <param name="Table">Its table's number; 0 for a domain's.</param>
/// <param name="Domain">Its domain's number; 0 for a table's.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>c</c> check, <c>f</c> foreign key, <c>p</c> primary key, <c>u</c> unique, <c>x</c> exclusion, <c>n</c> not
/// null, from PostgreSQL 18 on.</param>
/// <param name="IsValidated">Whether all rows are known to satisfy it.</param>
/// <param name="Referenced">The table that a foreign key points to; 0 for others.</param>
/// <param name="Index">The index behind it; 0 for none.</param>
/// <param name="Columns">Its columns' numbers.</param>
/// <param name="Definition">As SQL.</param>
internal sealed record CatalogConstraint(
    uint Oid, uint Table, uint Domain, string Name, char Kind, bool IsValidated, uint Referenced, uint Index, IReadOnlyList<short> Columns, string Definition);
