using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>One transaction gathers ACCESS EXCLUSIVE locks on several tables.</summary>
internal sealed class LocksGathered() : SafetyRule("locks-gathered", SafetyGroup.Blocks, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var earlier = statement.Held.Where(pair => pair.Value == LockMode.AccessExclusive && statement.Existed(pair.Key)).Select(pair => pair.Key).ToList();
        var now = statement.LockedTables.Where(locked => locked.Mode == LockMode.AccessExclusive && !earlier.Contains(locked.Table.Oid)).Select(locked => locked.Table).ToList();
        if (earlier.Count > 0 && now.Count > 0)
        {
            yield return Find(
                statement,
                $"It takes ACCESS EXCLUSIVE on {now[0].Readable} while the transaction holds it on {string.Join(", ", earlier.Select(statement.NameOf))}: while it waits for the one, nobody gets to the other, and a reader of both in the other order deadlocks with it.",
                "Change one table in a migration.", null, now[0].Oid);
        }
    }
}
