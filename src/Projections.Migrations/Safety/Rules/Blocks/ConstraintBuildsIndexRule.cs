using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;
using Projections.Postgres;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>The frame of the rules that see a constraint build its index, each for one kind of constraint.</summary>
internal abstract class ConstraintBuildsIndexRule(string id, char kind) : SafetyRule(id, SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var constraint in statement.Changes.NewConstraints.Where(constraint =>
            constraint.Kind == kind && statement.Existed(constraint.Table) && !statement.Before.Indexes.ContainsKey(constraint.Index) && statement.Built(constraint.Index)))
        {
            yield return Find(
                statement,
                $"It builds the index behind {constraint.Name} while it holds {statement.LockOn(constraint.Table).Name()} on {statement.NameOf(constraint.Table)}: {statement.LockOn(constraint.Table).Victims()}.",
                IsTemporal(constraint) ? NoWay : Way, IsTemporal(constraint) ? null : SqlOf(statement, constraint), constraint.Table, Work.IndexBuild);
        }
    }

    /// <summary>What to do where no index that was built before can be taken: for exclusions, and for keys WITHOUT OVERLAPS, which are such.</summary>
    protected const string NoWay =
        "There is no way to build it concurrently: make a new table with the constraint, move the rows in batches, and swap the names; or do it while the table is small.";

    private static bool IsTemporal(CatalogConstraint constraint) => constraint.Definition.Contains(" WITHOUT OVERLAPS)", StringComparison.Ordinal);

    protected abstract string Way { get; }

    protected abstract string? SqlOf(ObservedStatement statement, CatalogConstraint constraint);

    protected static string UsingIndex(ObservedStatement statement, CatalogConstraint constraint, string kind)
    {
        var (table, index) = (statement.QuotedNameOf(constraint.Table), SqlName.Quote($"{constraint.Name}_index"));
        return $"-- transaction: none\nCREATE UNIQUE INDEX CONCURRENTLY {index} ON {table} ({CatalogText.Columns(statement.After, constraint.Table, constraint.Columns)});\n-- and in the next migration:\nALTER TABLE {table} ADD CONSTRAINT {SqlName.Quote(constraint.Name)} {kind} USING INDEX {index};";
    }
}
