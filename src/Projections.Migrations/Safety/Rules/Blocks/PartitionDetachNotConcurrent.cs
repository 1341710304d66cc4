using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>A partition is detached in the ordinary way.</summary>
internal sealed class PartitionDetachNotConcurrent() : SafetyRule("partition-detach-not-concurrent", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        if (statement.RanOutside || statement.Statement.Has("finalize"))
        {
            yield break;
        }

        foreach (var (before, _) in statement.Changes.KeptRelations.Where(pair =>
            pair.Before.Parent != 0 && pair.After.Parent == 0 && statement.Before.Relations[pair.Before.Parent].Kind == 'p' && statement.Existed(pair.Before.Oid)))
        {
            var parent = statement.Before.Relations[before.Parent];
            yield return Find(
                statement,
                $"It detaches {before.Readable} under {statement.LockOn(parent.Oid).Name()} on {parent.Readable}: readers and writers of the whole table wait.",
                "Add CONCURRENTLY, in a migration that says '-- transaction: none'.",
                $"-- transaction: none\nALTER TABLE {parent.Quoted} DETACH PARTITION {before.Quoted} CONCURRENTLY;",
                parent.Oid);
        }
    }
}
