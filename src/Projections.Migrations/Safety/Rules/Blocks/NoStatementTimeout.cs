using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety.Rules.Blocks;

/// <summary>The limit for a statement's time is switched off.</summary>
internal sealed class NoStatementTimeout() : SafetyRule("no-statement-timeout", SafetyGroup.Blocks, Severity.Warning)
{
    public override IEnumerable<Finding> Judge(ObservedStatement statement)
    {
        var isOff = TimeoutText.IsOff(statement, "statement_timeout")
            || (statement.File.FrontMatter.StatementTimeout == TimeSpan.Zero && statement.LockedTables.Any(locked => locked.Mode >= LockMode.Share));
        if (isOff)
        {
            yield return Find(
                statement,
                "Without a statement_timeout nothing ends it when it takes longer than anybody thought, and its locks stay as long.",
                "Set a limit that fits the work, such as '-- statement-timeout: 10min'.");
        }
    }
}
