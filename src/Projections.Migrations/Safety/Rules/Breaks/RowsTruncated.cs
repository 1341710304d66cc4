using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Breaks;

/// <summary>TRUNCATE takes all rows of a table.</summary>
internal sealed class RowsTruncated() : SafetyRule("rows-truncated", SafetyGroup.Breaks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (!statement.Statement.StartsWith("truncate"))
        {
            yield break;
        }

        foreach (var table in statement.RewrittenTables)
        {
            yield return Find(
                statement,
                $"All rows of {table.Readable} are gone (it got an empty file), under {statement.LockOn(table.Oid).Name()}; a REPEATABLE READ transaction that began before sees the table empty.",
                "Delete in batches by a backfill; or say in the file why nobody misses the rows.",
                $"-- safety: allow {Id} \"…\"", table.Oid);
        }
    }
}
