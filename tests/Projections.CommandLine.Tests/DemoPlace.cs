using System.Text;
using Projections.TestServers;

namespace Projections.CommandLine;

/// <summary>A folder for temporary files of a demo, which shows whether anything was left.</summary>
public sealed class DemoPlace : IAsyncDisposable
{
    // Not by CreateTempSubdirectory, which shuts others out: the server may run under another account than this test.
    public DemoPlace() => Folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"projections-demo-{Guid.NewGuid():n}")).FullName;

    public string Folder { get; }

    /// <summary>Whether a process was started with a file of this folder among its arguments.</summary>
    public bool IsInUse => Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Any(IsAtWorkHere);

    public void ShouldBeLeftClean()
    {
        IsInUse.ShouldBeFalse();
        Directory.GetFileSystemEntries(Folder).Where(entry => Path.GetFileName(entry).StartsWith("projections-", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    /// <summary>Removes the folder, once a demo that came to a bad end has stopped its server and cleaned up in it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Deadline.UntilAsync(() => IsInUse, isInUse => !isInUse, "end, whoever works in the demo's folder");
        Directory.Delete(Folder, recursive: true);
    }

    private bool IsAtWorkHere(string process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(process, "cmdline"))).Contains(Folder, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
