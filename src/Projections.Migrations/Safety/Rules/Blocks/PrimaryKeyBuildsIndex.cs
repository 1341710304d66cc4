using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A primary key is added without an index that is built already.</summary>
internal sealed class PrimaryKeyBuildsIndex() : ConstraintBuildsIndexRule("primary-key-builds-index", 'p')
{
    protected override string Way => "Build a unique index concurrently, make its columns NOT NULL by a validated check, and make the key from it.";

    protected override string? SqlOf(ObservedStatement statement, CatalogConstraint constraint) => UsingIndex(statement, constraint, "PRIMARY KEY");
}
