namespace Projections.Migrations.Safety.Catalog;

/// <summary>A right that somebody other than the owner has.</summary>
/// <param name="Kind"><c>r</c> on a table, view or sequence, <c>n</c> on a schema, <c>f</c> on a routine.</param>
/// <param name="Oid">The number of what it is on.</param>
/// <param name="Column">The number of the column that it is on alone; 0 for the whole.</param>
/// <param name="Grantee">The role; empty for everybody.</param>
/// <param name="Privilege">Such as <c>SELECT</c>.</param>
/// <param name="Name">What it is on, for messages.</param>
internal sealed record CatalogRight(char Kind, uint Oid, short Column, string Grantee, string Privilege, string Name)
{
    /// <summary>What makes it the same right at two moments, whatever its object is called.</summary>
    public (char Kind, uint Oid, short Column, string Grantee, string Privilege) Key => (Kind, Oid, Column, Grantee, Privilege);

    /// <summary>Whether what it is on is there.</summary>
    public bool IsOn(CatalogSnapshot catalog) => Kind switch
    {
        'n' => catalog.Schemas.ContainsKey(Oid),
        'f' => catalog.Routines.ContainsKey(Oid),
        _ => catalog.Relations.ContainsKey(Oid) && (Column == 0 || catalog.Columns.ContainsKey((Oid, Column))),
    };

    /// <summary>Whether the role may do it, be it by itself, as everybody may, or on the whole table.</summary>
    public bool IsHeldIn(CatalogSnapshot catalog) =>
        catalog.Rights.ContainsKey(Key) || catalog.Rights.ContainsKey((this with { Column = 0 }).Key)
        || (Grantee.Length > 0 && (this with { Grantee = "" }).IsHeldIn(catalog));
}
