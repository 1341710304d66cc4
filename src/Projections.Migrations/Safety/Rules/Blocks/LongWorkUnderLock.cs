using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>Rows are read or written in bulk while the transaction holds a strong lock.</summary>
internal sealed class LongWorkUnderLock() : SafetyRule("long-work-under-lock", SafetyGroup.Blocks, Severity.Error)
{
    private static readonly string[] DataWords = ["select", "insert", "update", "delete", "merge", "with", "do", "call", "copy", "refresh"];

    // What DDL does to rows is judged by the rules for it.
    private static bool IsData(ObservedStatement statement) =>
        DataWords.Any(word => statement.Statement.StartsWith(word)) || (statement.Statement.StartsWith("create") && statement.Statement.Has("as"));

    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var held = statement.Held.Where(pair => pair.Value >= LockMode.Share && statement.Existed(pair.Key)).OrderByDescending(pair => pair.Value).ToList();
        var busy = statement.Activity.Where(pair => statement.Existed(pair.Key) && pair.Value.IsBulk)
            .Select(pair => pair.Key).ToList();
        if (held.Count > 0 && busy.Count > 0 && IsData(statement))
        {
            yield return Find(
                statement,
                $"It goes through {statement.NameOf(busy[0])} while the transaction holds {held[0].Value.Name()} on {statement.NameOf(held[0].Key)} from an earlier statement: {held[0].Value.Victims()} until it commits.",
                "Put it into a migration of its own, before the one that takes the lock; move data by a backfill.",
                null, busy[0], Work.Scan);
        }
    }
}
