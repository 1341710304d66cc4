using System.Text;

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

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
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
