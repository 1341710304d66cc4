using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A unique constraint is added without an index that is built already.</summary>
internal sealed class UniqueBuildsIndex() : ConstraintBuildsIndexRule("unique-builds-index", 'u')
{
    protected override string Way => "Build a unique index concurrently, and make the constraint from it.";

    protected override string? SqlOf(ObservedStatement statement, CatalogConstraint constraint) => UsingIndex(statement, constraint, "UNIQUE");
}
