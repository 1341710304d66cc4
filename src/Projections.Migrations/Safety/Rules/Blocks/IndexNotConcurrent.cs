using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>An index is built in the ordinary way, on a table that others use.</summary>
internal sealed class IndexNotConcurrent() : SafetyRule("index-not-concurrent", SafetyGroup.Blocks, Severity.Error)
{
    // An index behind a constraint belongs to that constraint's rule; one of a partition that follows from its parent's is told once.
    private static bool IsBuiltHere(ObservedStatement statement, CatalogIndex index) =>
        statement.Existed(index.Table)
        && !statement.RanOutside
        && statement.Built(index.Oid)
        && statement.After.Constraints.Values.All(constraint => constraint.Index != index.Oid)
        && (index.IsValid || statement.After.Relations[index.Oid].Kind == 'i')
        && statement.After.Relations[index.Oid].Parent is var parent
        && (parent == 0 || statement.Before.Relations.ContainsKey(parent));

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var index in statement.Changes.NewIndexes.Where(index => IsBuiltHere(statement, index)))
        {
            yield return Find(
                statement,
                $"It builds an index on {statement.NameOf(index.Table)} while it holds a {statement.LockOn(index.Table).Name()} lock on the table: {statement.LockOn(index.Table).Victims()} until the index is built.",
                "Build it with CONCURRENTLY, in a migration of its own that says '-- transaction: none'. On a partitioned table create it ON ONLY the parent, build each partition's index concurrently, and attach them.",
                $"-- transaction: none\n{CatalogText.Concurrently(index.Definition)};",
                index.Table, Work.IndexBuild);
        }
    }
}
