using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>The limit for waiting on locks is switched off.</summary>
internal sealed class NoLockTimeout() : SafetyRule("no-lock-timeout", SafetyGroup.Blocks, Severity.Error)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var isOff = TimeoutText.IsOff(statement, "lock_timeout")
            || (statement.File.FrontMatter.LockTimeout == TimeSpan.Zero && statement.LockedTables.Any(locked => locked.Mode >= LockMode.Share));
        if (isOff)
        {
            yield return Find(
                statement,
                "Without a lock_timeout it waits for a lock as long as anybody holds it, and everybody who comes later waits behind it.",
                "Remove the setting: the runner waits shortly and tries again.");
        }
    }
}
