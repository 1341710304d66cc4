using Projections.Migrations.Copies;
using Projections.Migrations.Files;
using Projections.Migrations.RoundTrip;
using Projections.Migrations.Safety;

namespace Projections.Migrations.Generating;

/// <summary>Tries generated files behind those that are there, in a folder of its own: what does not pass the check and the way back is not written.</summary>
internal sealed class GenerateTrial : IDisposable
{
    private const string StatementFails = "statement-fails";

    private readonly MigrationOptions _options;
    private readonly CopyOptions _copy;
    private readonly long? _last;

    private GenerateTrial(MigrationOptions options, CopyOptions copy, long? last) => (_options, _copy, _last) = (options, copy, last);

    public static GenerateTrial Begin(MigrationOptions options, IReadOnlyList<Migration> migrations, CopyOptions copy)
    {
        var folder = Directory.CreateTempSubdirectory("generated_").FullName;
        foreach (var path in Directory.Exists(options.Folder) ? Directory.EnumerateFiles(options.Folder, "*.sql") : [])
        {
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        }

        var last = migrations.LastOrDefault(migration => !migration.IsRepeatable)?.Version;
        return new GenerateTrial(options with { Folder = folder }, copy, last);
    }

    /// <param name="files">What is to be written.</param>
    /// <param name="because">Why what would break running code is wanted all the same; <c>null</c> when nobody says so.</param>
    /// <param name="questions">What has to be answered before anything is dropped.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The same, with the reason where one is needed.</returns>
    /// <exception cref="MigrationRefused">It is not safe, or cannot be taken back.</exception>
    public async Task<IReadOnlyList<GeneratedFile>> ProveAsync(
        IReadOnlyList<GeneratedFile> files, string? because, IReadOnlyList<string> questions, CancellationToken cancellationToken)
    {
        await WriteAsync(_options.Folder, files, cancellationToken);
        var check = await new SafetyCheck(_options, _copy).RunAsync(new SafetyRequest { AppliedTo = _last }, cancellationToken);
        if (!check.IsSafe)
        {
            files = Answered(files, check, because, questions);
            await WriteAsync(_options.Folder, files, cancellationToken);
        }

        var verify = await new RoundTripCheck(_options, _copy).RunAsync(null, _last, cancellationToken);
        return verify.Succeeded ? files : throw new MigrationRefused(
        [
            .. verify.Results.Where(result => !result.Succeeded).Select(result => new Refusal(
                "not-restored",
                $"{result.Migration} as it would be written cannot be taken back as it must be; nothing was written. {result.Failure?.Message} {string.Join("; ", result.AfterDown.Concat(result.AfterSecondUp))}")),
        ]);
    }

    public async Task<IReadOnlyList<Migration>> ReadNewAsync(CancellationToken cancellationToken) =>
        [.. (await MigrationFolder.ReadAsync(_options.Folder, cancellationToken)).Where(migration => !migration.IsRepeatable && migration.Version > (_last ?? long.MinValue))];

    /// <returns>The paths.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(string folder, IReadOnlyList<GeneratedFile> files, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var paths = new List<string>();
        foreach (var file in files)
        {
            foreach (var (name, text) in file.Contents)
            {
                paths.Add(Path.Combine(folder, name));
                await File.WriteAllTextAsync(paths[^1], text, cancellationToken);
            }
        }

        return paths;
    }

    // Only a person can know that no running code needs it any more.
    private static IReadOnlyList<GeneratedFile> Answered(IReadOnlyList<GeneratedFile> files, SafetyReport check, string? because, IReadOnlyList<string> questions)
    {
        var isBack = files.Where(file => file.Phase == StepPhase.InPlace).Select(file => file.DownName).ToHashSet();
        var all = check.Findings.Where(finding => finding.IsUnsafe).ToLookup(finding => isBack.Contains(Path.GetFileName(finding.Path)));
        var found = all[false].ToList();
        if (check.NotJudged.Count > 0 || (found.Count > 0 && because is null) || found.Any(finding => finding.Group == SafetyGroup.Blocks || finding.RuleId == StatementFails))
        {
            throw new MigrationRefused(
            [
                .. found.DistinctBy(finding => (finding.RuleId, finding.What)).Select(finding => new Refusal(finding.RuleId, finding.What)),
                .. questions.Select(question => new Refusal("rename", question)),
                new Refusal("unsafe", "Nothing was written. What is wanted all the same is said by --because REASON, which goes into the files."),
            ]);
        }

        return
        [
            .. files.Select(file => file with
            {
                Allowances = AllowancesOf(file.UpName, found, because),
                AllowancesBack = AllowancesOf(file.DownName, all[true], "only the way back writes the table anew, for the shorter type is checked row by row"),
            }),
        ];
    }

    private static IReadOnlyList<(string Rule, string Reason)> AllowancesOf(string name, IEnumerable<Finding> found, string? reason) =>
        [.. found.Where(finding => Path.GetFileName(finding.Path) == name).Select(finding => finding.RuleId).Distinct().Select(rule => (rule, reason!))];

    public void Dispose() => Directory.Delete(_options.Folder, recursive: true);
}
