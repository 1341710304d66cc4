using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>An UPDATE or DELETE goes through a whole table in one transaction.</summary>
internal sealed class RowsChangedUnbatched() : SafetyRule("rows-changed-unbatched", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (!statement.Statement.StartsWith("update") && !statement.Statement.StartsWith("delete") && !statement.Statement.StartsWith("with") && !statement.Statement.StartsWith("merge"))
        {
            yield break;
        }

        foreach (var (table, activity) in statement.Activity.Where(pair => statement.Existed(pair.Key) && pair.Value.IsBulk && statement.LockOn(pair.Key) == LockMode.RowExclusive))
        {
            yield return Find(
                statement,
                $"It goes through all of {statement.NameOf(table)} in one transaction ({activity.Changed} of the sample rows changed): whoever writes one of those rows waits until it commits, vacuum cannot clean up meanwhile, and replicas lag.",
                "Move data by a backfill, in batches by the table's key.",
                $"-- NNN_name.backfill.sql\n-- table: {statement.NameOf(table)}\n-- key: id\n{statement.Statement.Text.TrimEnd()}\n   … WHERE id BETWEEN :first AND :last;",
                table, Work.Scan);
        }
    }
}
