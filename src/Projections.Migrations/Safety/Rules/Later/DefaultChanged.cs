using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Later;

/// <summary>A column that is there fills itself differently.</summary>
internal sealed class DefaultChanged() : SafetyRule("default-changed", SafetyGroup.Later, Severity.Notice)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (before, after) in statement.Changes.KeptColumns.Where(pair =>
            pair.Before.Default != pair.After.Default && !pair.Before.IsGenerated && statement.Origin.Columns.ContainsKey((pair.Before.Table, pair.Before.Number))))
        {
            yield return Find(
                statement,
                $"Code that leaves {statement.NameOf(after.Table)}.{after.Name} out writes {after.Default ?? "NULL"} from here on, and wrote {before.Default ?? "NULL"} before: the code that runs during the deployment, too.",
                "See that all running code can read both.", null, after.Table);
        }
    }
}
