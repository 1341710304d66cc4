using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Projections.Analyzers;

/// <summary>The files <c>table.sql</c> of a project, by the folders that they are in.</summary>
internal sealed class TableFiles
{
    private const string Name = "table.sql";

    private readonly Dictionary<string, AdditionalText> _files;

    private TableFiles(Dictionary<string, AdditionalText> files) => _files = files;

    public bool IsEmpty => _files.Count == 0;

    public static TableFiles Of(ImmutableArray<AdditionalText> files) => new(files
        .Where(file => string.Equals(NameOf(file.Path), Name, StringComparison.Ordinal))
        .GroupBy(file => FolderOf(file.Path), StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal));

    /// <summary>The file in the folder of a version's class, or in one above it.</summary>
    public AdditionalText? Find(ISymbol version)
    {
        foreach (var location in version.Locations.Where(location => location.IsInSource))
        {
            for (var folder = FolderOf(location.SourceTree!.FilePath); folder.Length > 0; folder = FolderOf(folder))
            {
                if (_files.TryGetValue(folder, out var file))
                {
                    return file;
                }
            }
        }

        return null;
    }

    // Paths of a compilation may be mapped, and then name nothing on this machine: they are texts here.
    private static string FolderOf(string path) => path.LastIndexOfAny(['/', '\\']) is > 0 and var end ? path.Substring(0, end) : "";

    private static string NameOf(string path) => path.Substring(path.LastIndexOfAny(['/', '\\']) + 1);
}
