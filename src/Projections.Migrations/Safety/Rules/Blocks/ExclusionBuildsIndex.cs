using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>An exclusion constraint is added to a table that others use.</summary>
internal sealed class ExclusionBuildsIndex() : ConstraintBuildsIndexRule("exclusion-builds-index", 'x')
{
    protected override string Way => NoWay;

    protected override string? SqlOf(ObservedStatement statement, CatalogConstraint constraint) => null;
}
