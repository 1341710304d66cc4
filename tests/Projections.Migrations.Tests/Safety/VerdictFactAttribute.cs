using Projections.Testing;

namespace Projections.Migrations.Tests.Safety;

/// <summary>A fact over the file with others' verdicts, which lies beside the repository; skipped, with the reason, where it does not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class VerdictFactAttribute : FactAttribute
{
    public static string? Path { get; } = Find();

    public override string? Skip
    {
        get => PostgresForTests.SkipReason ?? (Path is null ? "There is no ../shared/data/migration-safety.jsonl beside the repository." : null);
        set => throw new NotSupportedException();
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = System.IO.Path.Combine(folder.FullName, "..", "shared", "data", "migration-safety.jsonl");
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Projections.sln")))
            {
                return File.Exists(path) ? path : null;
            }
        }

        return null;
    }
}
