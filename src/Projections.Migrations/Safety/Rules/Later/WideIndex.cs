using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>An index over more than three columns that is not unique.</summary>
internal sealed class WideIndex() : SafetyRule("wide-index", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var index in statement.Changes.NewIndexes.Where(index => index is { IsUnique: false, Columns.Count: > 3 }))
        {
            yield return Find(statement, $"{statement.NameOf(index.Oid)} has {index.Columns.Count} key columns; beyond the third they seldom find rows and cost every writer.", "Keep the columns that tell most, and add others with INCLUDE where an index-only scan needs them.", null, index.Table);
        }
    }
}
