using System.Globalization;
using System.Text.RegularExpressions;

namespace Projections.LocalPostgres;

/// <summary>A folder with PostgreSQL's server programs (<c>initdb</c>, <c>pg_ctl</c>, <c>postgres</c>).</summary>
/// <param name="Folder">The folder's path.</param>
/// <param name="MajorVersion">The server's major version, such as 15.</param>
public sealed partial record PostgresBinaries(string Folder, int MajorVersion)
{
    /// <summary>The environment variable that names the folder and so replaces the search.</summary>
    public const string FolderVariable = "PROJECTIONS_POSTGRES_BIN";

    /// <summary>The oldest major version that works.</summary>
    public const int OldestMajorVersion = 15;

    /// <summary>
    /// Finds the programs: the folder that <see cref="FolderVariable"/> names and no other, or else the first version that is new
    /// enough in <c>PATH</c> and in the folders of Debian, Red Hat and Homebrew packages, there the newest first.
    /// </summary>
    /// <exception cref="PostgresBinariesMissing">There are none, or the named folder has none.</exception>
    public static PostgresBinaries Find() => Find(Environment.GetEnvironmentVariable);

    internal static PostgresBinaries Find(Func<string, string?> environment)
    {
        var named = environment(FolderVariable);
        if (!string.IsNullOrWhiteSpace(named))
        {
            return TryFolder(named) ?? throw PostgresBinariesMissing.InNamedFolder(named);
        }

        var looked = new List<string>();
        foreach (var folder in Candidates(environment))
        {
            looked.Add(folder);
            if (TryFolder(folder) is { MajorVersion: >= OldestMajorVersion } found)
            {
                return found;
            }
        }

        throw PostgresBinariesMissing.Anywhere(looked);
    }

    /// <summary>The path of one of the programs. A folder in <c>PATH</c> may have links to some of them alone; the others are where those lead.</summary>
    public string PathOf(string program)
    {
        var path = Path.Combine(Folder, program);
        return File.Exists(path) || File.ResolveLinkTarget(Path.Combine(Folder, "postgres"), returnFinalTarget: true) is not { } server
            ? path
            : Path.Combine(Path.GetDirectoryName(server.FullName)!, program);
    }

    private static IEnumerable<string> Candidates(Func<string, string?> environment)
    {
        foreach (var folder in (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (File.Exists(Path.Combine(folder, "postgres")))
            {
                yield return folder;
            }
        }

        (string Parent, string Pattern, string Below)[] places =
        [
            ("/usr/lib/postgresql", "*", "bin"),
            ("/usr", "pgsql-*", "bin"),
            ("/opt/homebrew/opt", "postgresql@*", "bin"),
            ("/usr/local/opt", "postgresql@*", "bin"),
            ("/usr/local", "pgsql", "bin"),
        ];
        foreach (var (parent, pattern, below) in places)
        {
            var found = Directory.Exists(parent) ? Directory.GetDirectories(parent, pattern) : [];
            foreach (var folder in found.OrderByDescending(NumberIn))
            {
                yield return Path.Combine(folder, below);
            }
        }
    }

    private static PostgresBinaries? TryFolder(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "initdb")) || !File.Exists(Path.Combine(folder, "postgres")))
        {
            return null;
        }

        var output = ToolProcess.Run(Path.Combine(folder, "postgres"), ["--version"]).Output;
        return VersionPattern().Match(output) is { Success: true } match
            ? new PostgresBinaries(folder, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            : null;
    }

    private static int NumberIn(string folder) =>
        NumberPattern().Match(Path.GetFileName(folder)) is { Success: true } match
            ? int.Parse(match.Value, CultureInfo.InvariantCulture)
            : 0;

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\d+")]
    private static partial Regex NumberPattern();
}
