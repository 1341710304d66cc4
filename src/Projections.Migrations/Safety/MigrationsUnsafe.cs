namespace Projections.Migrations.Safety;

/// <summary>Pending migrations are not safe; nothing was run.</summary>
public sealed class MigrationsUnsafe(SafetyReport report) : Exception(
    $"Refused; nothing was run, because the safety check found what would hurt.{Environment.NewLine}{Describe(report)}{Environment.NewLine}Change the files, or give a reason in them ('-- safety: allow RULE \"reason\"'), or say why the check is skipped (--skip-safety \"reason\", or MigrationGuard.SafetySkipped), which the tracking table keeps.")
{
    public SafetyReport Report { get; } = report;

    private static string Describe(SafetyReport report) => string.Join(
        Environment.NewLine,
        report.Findings.Where(finding => finding.IsUnsafe).Select(finding => $"{finding.Path}:{finding.Line}: {finding.RuleId}: {finding.What}")
            .Concat(report.NotJudged.Select(id => $"{id} could not be judged.")));
}
