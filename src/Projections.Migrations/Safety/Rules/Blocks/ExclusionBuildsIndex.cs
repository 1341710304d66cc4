using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>An exclusion constraint is added to a table that others use.</summary>
internal sealed class ExclusionBuildsIndex() : ConstraintBuildsIndexRule("exclusion-builds-index", 'x')
{
    protected override string Way => "There is no way to build it concurrently: make a new table with the constraint, move the rows in batches, and swap the names; or do it while the table is small.";

    protected override string? SqlOf(ObservedStatement statement, CatalogConstraint constraint) => null;
}
