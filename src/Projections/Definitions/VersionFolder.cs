using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Projections.Definitions;

/// <summary>
/// A version's folder as it is embedded in the assembly of its class by the build files of the package Projections.Core: the folder <c>V1</c>, <c>V2</c>, …
/// that holds the class's own source file, named as the class.
/// </summary>
internal sealed class VersionFolder
{
    /// <summary>What the names of embedded files begin with; the folder's path follows.</summary>
    private const string Prefix = "version-files/";

    private static readonly ConcurrentDictionary<Assembly, IReadOnlyList<string>> Embedded = [];

    private readonly Type _version;
    private readonly List<string> _candidates;
    private readonly string? _path;
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    private VersionFolder(Type version, IReadOnlyList<string> embedded)
    {
        _version = version;
        _candidates = [.. embedded.Where(name => name.EndsWith($"/{version.Name}.cs", StringComparison.Ordinal)).Select(name => name[..name.LastIndexOf('/')])];
        _path = _candidates is [var only] ? only : null;
        foreach (var name in embedded.Where(name => _path is not null && name.StartsWith($"{_path}/", StringComparison.Ordinal)))
        {
            _files.Add(name[(_path!.Length + 1)..], Text(version.Assembly.GetManifestResourceStream(Prefix + name)!));
        }
    }

    public static VersionFolder Of(Type version) => new(version, Embedded.GetOrAdd(version.Assembly, NamesOf));

    /// <exception cref="VersionFilesMissing">The folder cannot be used.</exception>
    public VersionFiles Read()
    {
        var problems = FindProblems().ToList();
        return problems.Count == 0
            ? new VersionFiles(_path!, _files["table.sql"], _files.GetValueOrDefault("indexes.sql"), _files["down.sql"], HashOf(_files.Select(file => (file.Key, file.Value))))
            {
                SeedSql = _files.GetValueOrDefault("seed.sql"),
                TopHash = HashOf(_files.Where(file => !file.Key.Contains('/', StringComparison.Ordinal)).Select(file => (file.Key, file.Value))),
            }
            : throw new VersionFilesMissing(problems);
    }

    /// <summary>The folder's path, and all its files by their paths in it.</summary>
    /// <exception cref="VersionFilesMissing">The folder cannot be used.</exception>
    public (string Path, IReadOnlyDictionary<string, string> Files) ReadAll() => (Read().Folder, _files);

    private IEnumerable<string> FindProblems()
    {
        if (_candidates.Count > 1)
        {
            yield return $"{string.Join(" and ", _candidates)} each hold a {_version.Name}.cs, so that nobody can tell which is its folder. Give each version's class a name of its own.";
            yield break;
        }

        if (_path is null)
        {
            yield return $"The assembly {_version.Assembly.GetName().Name} holds no folder of it. Put {_version.Name}.cs, table.sql and down.sql into a folder such as InvoiceSummary/V2, and let the project refer to the package Projections.Core itself.";
            yield break;
        }

        if (!_files.ContainsKey("table.sql"))
        {
            yield return $"{_path}/table.sql is missing. Add it: the CREATE TABLE of this version's table.";
        }

        if (!_files.ContainsKey("down.sql"))
        {
            yield return $"{_path}/down.sql is missing. Add it: the DROP of everything that table.sql makes.";
        }
    }

    /// <summary>Over names and contents, each with its length before it, so that no two folders read the same.</summary>
    internal static string HashOf(IEnumerable<(string Name, string Text)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, text) in files)
        {
            Append(hash, name);
            Append(hash, text);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes((long)bytes.Length));
        hash.AppendData(bytes);
    }

    private static List<string> NamesOf(Assembly assembly) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Read as UTF-8 without its mark and with plain line ends: a checkout on another system is the same folder.</summary>
    internal static string Text(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
