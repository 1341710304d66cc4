using Projections.Migrations.Safety;
using Xunit.Abstractions;

namespace Projections.Migrations.Tests.Safety;

/// <summary>Migrations with verdicts from the tests of other tools: ours agrees, or a fact that PostgreSQL showed says why not.</summary>
public sealed class VerdictTests(SafetyBench bench, ITestOutputHelper output) : IClassFixture<SafetyBench>
{
    /// <summary>Where the verdict differs from the source's: the rule that saw it (none where ours is safe), and what PostgreSQL showed.</summary>
    private static readonly Dictionary<string, (string? RuleId, string Fact)> Differences = new()
    {
        ["squawk/adding_foreign_key_constraint/add_foreign_key_constraint_not_valid_validate"] =
            ("validated-under-lock", "ADD COLUMN's ACCESS EXCLUSIVE is still held while VALIDATE goes through the table, for both are one transaction; the source judges the same pair unsafe elsewhere."),
        ["squawk/adding_foreign_key_constraint/add_column_references_lock"] =
            (null, "PostgreSQL reads neither table: a new column that is NULL everywhere has nothing to compare."),
        ["squawk/ban_truncate_cascade/ok"] =
            ("rows-truncated", "The tables got empty files: all rows are gone."),
        ["eugene/examples/E5/good/3"] =
            ("rows-changed-unbatched", "All rows of the table were changed in one transaction."),
        ["eugene/examples/E5/good/4"] =
            ("validated-under-lock", "VALIDATE goes through the table under the ACCESS EXCLUSIVE that DROP COLUMN in the same statement takes."),
        ["eugene/examples/W14/good/3"] =
            ("not-null-scanned", "The table was scanned under ACCESS EXCLUSIVE; the source silences its own rule for the sake of the example."),
        ["eugene/examples/W14/good/4"] =
            (null, "The column is NOT NULL already and the index is there: no scan, no new file, a lock for a moment, and the runner always sets a lock_timeout."),
        ["eugene/lint/test_add_pk_using_index"] =
            (null, "The column is NOT NULL already and the index is there: no scan, no new file."),
        ["eugene/lint/test_alter_table_generated_always_column"] =
            ("numbered-column-rewrites", "The table got a new file: every row got its number."),
    };

    [VerdictFact]
    public async Task The_verdicts_agree_with_others_except_where_PostgreSQL_shows_otherwise()
    {
        var (wrong, differing) = (new List<string>(), 0);
        var cases = VerdictCase.ReadAll(VerdictFactAttribute.Path!);
        foreach (var verdict in cases)
        {
            var findings = await JudgeAsync(verdict);
            var isListed = Differences.TryGetValue(verdict.Id, out var difference);
            var isUnsafe = findings.Count > 0;
            var isAsExpected = isListed
                ? isUnsafe != verdict.IsUnsafe && (difference.RuleId is null || findings.Any(finding => finding.RuleId == difference.RuleId))
                : isUnsafe == verdict.IsUnsafe;
            differing += isListed ? 1 : 0;
            if (!isAsExpected)
            {
                wrong.Add($"{verdict.Id}: {(isUnsafe ? "unsafe" : "safe")}. {string.Join(" | ", findings.Select(finding => $"{finding.RuleId}: {finding.What}"))}\n{verdict.Sql}");
            }
        }

        output.WriteLine($"{cases.Count} verdicts, {cases.Count - differing} agree, {differing} differ as listed.");
        wrong.ShouldBeEmpty(string.Join("\n", wrong));
        cases.Count.ShouldBe(139);
        differing.ShouldBe(Differences.Count);
    }

    private async Task<IReadOnlyList<Finding>> JudgeAsync(VerdictCase verdict)
    {
        await bench.SetUpAsync(verdict.Setup);
        var findings = new List<Finding>();
        foreach (var file in verdict.Files())
        {
            findings.AddRange(await bench.JudgeAsync(file));
        }

        var group = verdict.Category == "downtime" ? SafetyGroup.Blocks : SafetyGroup.Breaks;
        return [.. findings.Where(finding => finding.IsUnsafe && finding.Group == group)];
    }
}
