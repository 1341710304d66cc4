namespace Projections.Migrations.Safety.Catalog;

/// <summary>What differs between two moments.</summary>
internal sealed class CatalogChanges(CatalogSnapshot before, CatalogSnapshot after)
{
    public IEnumerable<CatalogRelation> NewRelations => CatalogSnapshot.Without(after.Relations, before.Relations);

    public IEnumerable<CatalogRelation> GoneRelations => CatalogSnapshot.Without(before.Relations, after.Relations);

    public IEnumerable<(CatalogRelation Before, CatalogRelation After)> KeptRelations => CatalogSnapshot.Both(before.Relations, after.Relations);

    public IEnumerable<CatalogColumn> NewColumns => CatalogSnapshot.Without(after.Columns, before.Columns);

    /// <summary>Columns that are gone from a table that is still there.</summary>
    public IEnumerable<CatalogColumn> GoneColumns =>
        CatalogSnapshot.Without(before.Columns, after.Columns).Where(column => after.Relations.ContainsKey(column.Table));

    public IEnumerable<(CatalogColumn Before, CatalogColumn After)> KeptColumns => CatalogSnapshot.Both(before.Columns, after.Columns);

    public IEnumerable<CatalogColumn> RetypedColumns =>
        KeptColumns.Where(pair => pair.Before.Type != pair.After.Type).Select(pair => pair.After);

    /// <summary>Columns that took NULL before and refuse it now.</summary>
    public IEnumerable<CatalogColumn> NowRequiredColumns =>
        KeptColumns.Where(pair => !pair.Before.IsRequired && pair.After.IsRequired).Select(pair => pair.After);

    public IEnumerable<CatalogConstraint> NewConstraints => CatalogSnapshot.Without(after.Constraints, before.Constraints);

    /// <summary>Constraints that were there, not validated, and are validated now.</summary>
    public IEnumerable<CatalogConstraint> NowValidConstraints =>
        CatalogSnapshot.Both(before.Constraints, after.Constraints)
            .Where(pair => !pair.Before.IsValidated && pair.After.IsValidated).Select(pair => pair.After);

    public IEnumerable<CatalogConstraint> GoneConstraints => CatalogSnapshot.Without(before.Constraints, after.Constraints);

    public IEnumerable<CatalogIndex> NewIndexes => CatalogSnapshot.Without(after.Indexes, before.Indexes);

    /// <summary>Indexes that are gone from a table that is still there.</summary>
    public IEnumerable<CatalogIndex> GoneIndexes =>
        CatalogSnapshot.Without(before.Indexes, after.Indexes).Where(index => after.Relations.ContainsKey(index.Table));

    public IEnumerable<CatalogType> NewTypes => CatalogSnapshot.Without(after.Types, before.Types);

    public IEnumerable<CatalogType> GoneTypes => CatalogSnapshot.Without(before.Types, after.Types);

    public IEnumerable<(CatalogType Before, CatalogType After)> KeptTypes => CatalogSnapshot.Both(before.Types, after.Types);

    public IEnumerable<CatalogRoutine> GoneRoutines => CatalogSnapshot.Without(before.Routines, after.Routines);

    public IEnumerable<(CatalogRoutine Before, CatalogRoutine After)> KeptRoutines => CatalogSnapshot.Both(before.Routines, after.Routines);
}
