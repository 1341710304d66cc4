using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>CLUSTER or VACUUM FULL writes a table anew.</summary>
internal sealed class TableRebuilt() : SafetyRule("table-rebuilt", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var isRebuild = statement.Statement.StartsWith("cluster") || (statement.Statement.StartsWith("vacuum") && statement.Statement.Has("full"));
        foreach (var table in isRebuild ? statement.RewrittenTables : [])
        {
            yield return Find(
                statement,
                $"It writes all of {table.Readable} and its indexes anew under ACCESS EXCLUSIVE: readers and writers wait.",
                "Leave the space to autovacuum, which gives it to new rows; rebuild bloated indexes with REINDEX CONCURRENTLY.",
                null, table.Oid, Work.Rewrite);
        }
    }
}
