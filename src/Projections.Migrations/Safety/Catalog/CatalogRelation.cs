using Projections.Postgres;

namespace Projections.Migrations.Safety.Catalog;

/// <summary>A table, index, view or sequence.</summary>
/// <param name="Oid">Its number.</param>
/// <param name="Schema">Its schema's name.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><c>r</c> table, <c>p</c> partitioned table, <c>i</c> and <c>I</c> index, <c>v</c> view, <c>m</c> materialized view, <c>S</c> sequence, …</param>
/// <param name="File">The number of its file; another one means that it was written anew.</param>
/// <param name="Parent">The table of which it is a partition or child; 0 for none.</param>
/// <param name="HasRowSecurity">Whether row-level security is on.</param>
/// <param name="Partitioning">The definition of its partition key; <c>null</c> when it has none.</param>
/// <param name="View">A view's query; <c>null</c> for others.</param>
/// <param name="Owner">The role that owns it.</param>
internal sealed record CatalogRelation(
    uint Oid, string Schema, string Name, char Kind, uint File, uint Parent, bool HasRowSecurity, string? Partitioning, string? View, string Owner)
{
    public bool IsTable => Kind is 'r' or 'p' or 'm';

    /// <summary>As messages call it.</summary>
    public string Readable => SqlName.Readable(Schema, Name);

    public string Quoted => SqlName.Quote(Schema, Name);

    /// <summary>What its owner can do with its rows, as long as it is the owner.</summary>
    public IEnumerable<CatalogRight> RightsOfOwner =>
        from privilege in (string[])["DELETE", "INSERT", "SELECT", "UPDATE"]
        select new CatalogRight('r', Oid, 0, Owner, privilege, Readable);
}
