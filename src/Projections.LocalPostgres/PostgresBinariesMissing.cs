namespace Projections.LocalPostgres;

/// <summary>No PostgreSQL server programs of a version that works are on this machine.</summary>
public sealed class PostgresBinariesMissing : Exception
{
    private PostgresBinariesMissing(string message)
        : base(message)
    {
    }

    internal static PostgresBinariesMissing Anywhere(IReadOnlyCollection<string> looked) => new(
        $"No PostgreSQL server of version {PostgresBinaries.OldestMajorVersion} or newer is installed"
        + (looked.Count == 0 ? " (no folder with server programs found). " : $" (looked in {string.Join(", ", looked)}). ")
        + $"Install one ('apt-get install postgresql' on Debian and Ubuntu), or set {PostgresBinaries.FolderVariable} to the folder "
        + "that holds initdb and postgres.");

    internal static PostgresBinariesMissing InNamedFolder(string folder) => new(
        $"{PostgresBinaries.FolderVariable} names '{folder}', but that folder holds no working initdb and postgres. "
        + "Set it to the folder of the server programs, such as /usr/lib/postgresql/15/bin, or unset it to have them searched.");
}
