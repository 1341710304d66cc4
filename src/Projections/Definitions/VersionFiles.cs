namespace Projections.Definitions;

/// <summary>The contents of a version's folder as they were when the assembly was built.</summary>
/// <param name="Folder">The folder in the repository, for messages: <c>projections/InvoiceSummary/V2</c>.</param>
/// <param name="TableSql"><c>table.sql</c>: creates the table. Names no schema; runs with the read models' schema on the search path.</param>
/// <param name="IndexesSql"><c>indexes.sql</c>: secondary indexes, run after the replay; <c>null</c> when there is no such file.</param>
/// <param name="DownSql"><c>down.sql</c>: drops what <c>table.sql</c> made.</param>
/// <param name="Hash">SHA-256, in hexadecimal, over the names and contents of all files of the folder and its subfolders (SQL and C#),
/// line ends normalised. A part of the manifest by which a changed version is recognised.</param>
public sealed record VersionFiles(string Folder, string TableSql, string? IndexesSql, string DownSql, string Hash)
{
    /// <summary>The same over the files of the folder itself, without subfolders, by which manifests were written at first.</summary>
    public string TopHash { get; init; } = Hash;

    /// <summary><c>seed.sql</c>: the one INSERT that makes the version's rows of those of the live version, in place of a replay; <c>null</c> (the
    /// default) when there is no such file.</summary>
    public string? SeedSql { get; init; }
}
