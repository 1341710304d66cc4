using Projections.TestServers;
using Projections.Testing;

namespace Projections.EndToEnd.RealData;

/// <summary>A test over a real event log that is not part of the repository: skipped, with the reason, where it is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealDataFactAttribute(string file) : FactAttribute
{
    /// <summary>Names the folder with the logs; else it is <c>../shared/data</c>, seen from the repository's root.</summary>
    public const string FolderVariable = "PROJECTIONS_REAL_DATA";

    public override string? Skip
    {
        get => base.Skip ?? PostgresForTests.SkipReason ?? (File.Exists(PathOf(file)) ? null : $"There is no {PathOf(file)}. Put it there, or name its folder by {FolderVariable}.");
        set => base.Skip = value;
    }

    public static string PathOf(string file) => Path.Combine(Folder(), file);

    private static string Folder()
    {
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named)
        {
            return named;
        }

        return Path.GetFullPath(Path.Combine(Repository.Folder, "..", "shared", "data"));
    }
}
