using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A foreign key whose columns no index begins with.</summary>
internal sealed class ForeignKeyWithoutIndex() : SafetyRule("foreign-key-without-index", SafetyGroup.Later, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var key in statement.Changes.NewConstraints.Where(constraint => constraint.Kind == 'f').DistinctBy(constraint => (constraint.Table, constraint.Definition)))
        {
            var isIndexed = statement.Final.Indexes.Values.Any(index =>
                index.Table == key.Table && index.IsValid && index.Columns.Count >= key.Columns.Count && !index.Columns.Take(key.Columns.Count).Except(key.Columns).Any());
            if (!isIndexed && statement.Final.Constraints.ContainsKey(key.Oid))
            {
                yield return Find(
                    statement, $"No index of {statement.NameOf(key.Table)} begins with the columns of {key.Name}: each DELETE in {statement.NameOf(key.Referenced)} goes through the whole table.",
                    "Build an index on them, concurrently where the table has rows.",
                    $"CREATE INDEX CONCURRENTLY ON {statement.QuotedNameOf(key.Table)} ({CatalogText.Columns(statement.After, key.Table, key.Columns)});", key.Table);
            }
        }
    }
}
