using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>An index goes, and no other valid one begins with the same column.</summary>
internal sealed class IndexDroppedWithoutSuccessor() : SafetyRule("index-dropped-without-successor", SafetyGroup.Breaks, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var index in statement.Changes.GoneIndexes.Where(index =>
            statement.Origin.Indexes.ContainsKey(index.Oid) && index is { IsValid: true, Columns.Count: > 0 } && statement.Existed(index.Table)
            && statement.After.Columns.ContainsKey((index.Table, index.Columns[0]))))
        {
            var hasSuccessor = statement.After.Indexes.Values.Any(other =>
                other.Table == index.Table && other.IsValid && other.Columns.Count > 0 && other.Columns[0] == index.Columns[0] && (!other.IsPartial || index.IsPartial)
                && (!index.IsUnique || other.IsUnique));
            if (!hasSuccessor)
            {
                yield return Find(
                    statement,
                    $"No other valid index of {statement.NameOf(index.Table)} does what {statement.NameOf(index.Oid)} did: queries that used it go through the whole table.",
                    "If it is used (pg_stat_user_indexes counts its scans), build the successor concurrently first.", null, index.Table);
            }
        }
    }
}
