using Projections.Migrations.Files;
using Projections.Migrations.Safety.Catalog;
using Projections.Migrations.Safety.Observing;

namespace Projections.Migrations.Safety;

/// <summary>Asks every rule about observed statements, and takes the reasons in the file into account.</summary>
internal static class Judgement
{
    public static IReadOnlyList<Finding> Of(IReadOnlyList<ObservedStatement> observed, MigrationFile file)
    {
        var final = observed.Count == 0 ? null : observed[^1].After;
        var findings = observed
            .Select(statement => statement with { Final = final! })
            .SelectMany(statement => SafetyRules.All
                .Where(rule => statement.Direction == Direction.Up || rule.JudgesDown)
                .SelectMany(rule => rule.Judge(statement)))
            .Select(finding => finding with { Allowed = file.FrontMatter.Allowances.FirstOrDefault(allowance => allowance.RuleId == finding.RuleId)?.Reason })
            .ToList();
        return [.. Together(findings), .. UselessAllowances(file, findings), .. UnknownSettings(file)];
    }

    // What is to be known of thousands of statements in the same words is said once, at the first.
    private static IEnumerable<Finding> Together(IEnumerable<Finding> findings) =>
        from finding in findings
        group finding by finding.Severity == Severity.Notice ? finding with { Line = 0 } : finding into same
        let last = same.Max(finding => finding.Line)
        select last == same.First().Line ? same.First() : same.First() with { What = $"{same.First().What} So it is with {same.Count()} statements, down to line {last}." };

    private static IEnumerable<Finding> UnknownSettings(MigrationFile file) => file.FrontMatter.Unknown.Select(unknown => new Finding
    {
        RuleId = "unknown-setting",
        Group = SafetyGroup.Later,
        Severity = Severity.Notice,
        Direction = DirectionOf(file),
        Path = file.Path,
        Line = unknown.Line,
        What = $"'-- {unknown.Word}:' looks like a setting, and is none.",
        Way = "If it is prose, leave it, or begin it with a capital letter.",
    });

    private static Direction DirectionOf(MigrationFile file) =>
        file.Kind is MigrationFileKind.Down or MigrationFileKind.BackfillDown ? Direction.Down : Direction.Up;

    /// <summary>Judges a backfill's statements by their words and the catalog alone, for they have parameters that only a run fills in.</summary>
    public static IEnumerable<Finding> OfBackfill(Migration migration, CatalogSnapshot catalog) =>
        from side in new[] { (File: migration.Up, Direction: Direction.Up), (File: migration.Down, Direction: Direction.Down) }
        where side.File is { Statements.Count: > 0 }
        let frame = new StatementFrame(migration, side.File, side.Direction, catalog)
        from finding in Of([frame.Begin(side.File.Statements[0], catalog)], side.File)
        select finding;

    private static IEnumerable<Finding> UselessAllowances(MigrationFile file, List<Finding> findings) =>
        file.FrontMatter.Allowances
            .Where(allowance => findings.All(finding => finding.RuleId != allowance.RuleId))
            .Select(allowance => new Finding
            {
                RuleId = "allowance-without-finding",
                Group = SafetyGroup.Later,
                Severity = Severity.Warning,
                Direction = DirectionOf(file),
                Path = file.Path,
                Line = allowance.Line,
                What = SafetyRules.All.Any(rule => rule.Id == allowance.RuleId)
                    ? $"The file allows {allowance.RuleId}, of which nothing was found."
                    : $"The file allows {allowance.RuleId}, and there is no such rule.",
                Way = "Remove the line, or correct the rule's id.",
            });
}
