namespace Projections.Migrations.Files;

/// <summary>Files of a migrations folder cannot be used. All problems are named at once.</summary>
public sealed class MigrationFilesInvalid(IReadOnlyList<FileProblem> problems) : Exception(
    $"{problems.Count} problem{(problems.Count == 1 ? "" : "s")} in the migration files; nothing was run.{Environment.NewLine}{string.Join(Environment.NewLine, problems)}")
{
    public IReadOnlyList<FileProblem> Problems { get; } = problems;
}

/// <summary>What is wrong with a migration file, so that it is refused before anything runs.</summary>
/// <param name="Path">The file or the folder.</param>
/// <param name="Line">The line, from 1; <c>null</c> when the whole file is meant.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record FileProblem(string Path, int? Line, string Message)
{
    public override string ToString() => Line is null ? $"{Path}: {Message}" : $"{Path}:{Line}: {Message}";
}
