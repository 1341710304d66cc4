namespace Projections.Migrations.Files;

/// <summary>Files of a migrations folder cannot be used. All problems are named at once.</summary>
public sealed class MigrationFilesInvalid(IReadOnlyList<FileProblem> problems) : Exception(
    $"{problems.Count} problem{(problems.Count == 1 ? "" : "s")} in the migration files; nothing was run.{Environment.NewLine}{string.Join(Environment.NewLine, problems)}")
{
    public IReadOnlyList<FileProblem> Problems { get; } = problems;
}
