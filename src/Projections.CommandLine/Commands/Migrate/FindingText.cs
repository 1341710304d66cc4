using System.Text;
using Projections.Migrations.Safety;

namespace Projections.CommandLine.Commands.Migrate;

/// <summary>Findings as people and pipelines read them.</summary>
internal static class FindingText
{
    public static string Summary(SafetyReport report)
    {
        var unsafeFindings = report.Findings.Count(finding => finding.IsUnsafe);
        var warnings = report.Findings.Count(finding => finding is { Severity: Severity.Warning, Allowed: null });
        var rest = report.NotJudged.Count == 0 ? "" : $" {string.Join(", ", report.NotJudged)} could not be judged.";
        return report.Judged.Count == 0
            ? "Nothing is pending."
            : $"{report.Judged.Count} judged: {unsafeFindings} unsafe, {warnings} {(warnings == 1 ? "warning" : "warnings")}, {report.Findings.Count(finding => finding.Allowed is not null)} allowed with a reason.{rest}";
    }

    public static string Of(Finding finding)
    {
        var text = new StringBuilder();
        text.AppendLine();
        text.AppendLine($"{finding.Path}:{finding.Line}: {Word(finding)} {finding.RuleId}");
        text.AppendLine($"  {finding.What}");
        if (finding.Duration.Length > 0)
        {
            text.AppendLine($"  {finding.Duration}");
        }

        if (finding.Allowed is { } reason)
        {
            return text.Append($"  Allowed: {reason}").ToString();
        }

        text.Append($"  Instead: {finding.Way}");
        foreach (var line in finding.Sql?.Split('\n') ?? [])
        {
            text.AppendLine().Append($"    {line}");
        }

        return text.ToString();
    }

    /// <summary>The form that GitHub shows beside the line of the file.</summary>
    public static string Annotation(Finding finding)
    {
        var level = finding.IsUnsafe ? "error" : finding is { Severity: Severity.Warning, Allowed: null } ? "warning" : "notice";
        var text = Escaped($"{finding.What} {finding.Duration}{(finding.Duration.Length == 0 ? "" : " ")}Instead: {finding.Way}");
        var file = Escaped(finding.Path).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
        return $"::{level} file={file},line={finding.Line},title={finding.RuleId}::{text}";
    }

    private static string Escaped(string text) => text.Replace("%", "%25", StringComparison.Ordinal).ReplaceLineEndings("%0A");

    private static string Word(Finding finding) => finding.Allowed is not null ? "allowed" : finding.Severity switch
    {
        Severity.Error => "unsafe",
        Severity.Warning => "warning",
        _ => "notice",
    };
}
