using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A table becomes a partition and its rows, or those of the default partition, are checked for it.</summary>
internal sealed class PartitionAttachScans() : SafetyRule("partition-attach-scans", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        foreach (var (before, after) in statement.Changes.KeptRelations.Where(pair => pair.Before.Parent == 0 && pair.After.Parent != 0 && pair.After.IsTable))
        {
            var scanned = statement.After.Relations.Values.FirstOrDefault(relation =>
                relation.Parent == after.Parent && statement.Existed(relation.Oid) && statement.Scanned(relation.Oid));
            if (scanned is not null)
            {
                yield return Find(
                    statement,
                    $"PostgreSQL went through all of {scanned.Readable} to see that its rows belong there while it held ACCESS EXCLUSIVE on it.",
                    $"Add a CHECK constraint with the partition's bounds to {before.Readable} NOT VALID and validate it in the next migration; give a default partition one that excludes them. With that proof attaching looks at no row.",
                    null, scanned.Oid, Work.Scan);
            }
        }
    }
}
