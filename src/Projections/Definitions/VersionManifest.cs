using System.Security.Cryptography;
using System.Text;

namespace Projections.Definitions;

/// <summary>
/// What a version's table was built with, as far as it is known: the files of its folder, and what the event types that it handles make of
/// the store's events. A version is immutable once its table exists, like an applied migration.
/// </summary>
/// <remarks>
/// Stored as <c>2:FILES:EVENTS</c>, two hashes after the number of the scheme. The first scheme was the bare hash of the files that lie in
/// the folder itself. A manifest is compared by the scheme that it was written in.
/// </remarks>
internal sealed class VersionManifest
{
    private const string Scheme = "2";

    private readonly string _folder;
    private readonly string _files;
    private readonly string _events;
    private readonly string _first;

    public VersionManifest(VersionFiles files, string events)
    {
        _folder = files.Folder;
        _files = files.Hash;
        _first = files.TopHash;
        _events = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(events)));
    }

    /// <summary>What has changed since a table with a manifest was built, with the beginnings of both hashes, or <c>null</c>.</summary>
    public string? FindEdit(string built)
    {
        if (built.Split(':') is not [Scheme, var files, var events])
        {
            return built == _first ? null : Differ($"another content of {_folder}", built, _first);
        }

        if (files != _files)
        {
            return Differ($"another content of {_folder}", files, _files);
        }

        return events == _events ? null : Differ("other declarations of its event types", events, _events);
    }

    /// <summary>As it is stored.</summary>
    public override string ToString() => $"{Scheme}:{_files}:{_events}";

    private static string Differ(string what, string built, string now) => $"{what}: the catalog has {Short(built)}, this program has {Short(now)}";

    private static string Short(string hash) => hash[..Math.Min(12, hash.Length)];
}
