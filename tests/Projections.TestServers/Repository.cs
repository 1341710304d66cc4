namespace Projections.TestServers;

/// <summary>This repository, from which tests read what is checked in. A build for release names no folder of the machine in its assemblies.</summary>
public static class Repository
{
    /// <summary>Its top folder: tests lie below it.</summary>
    public static string Folder { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Projections.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} does not lie in this repository.");
        }

        return folder;
    }
}
