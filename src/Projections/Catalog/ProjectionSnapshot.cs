using Projections.Definitions;

namespace Projections.Catalog;

/// <summary>A projection's row in the catalog with its versions, as they were in one snapshot.</summary>
/// <param name="Name">The projection.</param>
/// <param name="Source">The identity of the source that its checkpoints are positions of.</param>
/// <param name="Generation">How many times the read name was switched.</param>
/// <param name="Contract">The columns that the read name is kept to, or <c>null</c> when it shows all.</param>
/// <param name="Versions">All versions that the catalog knows, by number.</param>
public sealed record ProjectionSnapshot(
    ProjectionName Name,
    string Source,
    long Generation,
    IReadOnlyList<string>? Contract,
    IReadOnlyList<VersionSnapshot> Versions)
{
    /// <summary>The version that the read name points to, or <c>null</c>.</summary>
    public VersionSnapshot? Live => Versions.FirstOrDefault(version => version.Role == VersionRole.Live);

    /// <summary>The table, in the catalog's schema, that the read name shows although no version is live: its version is being built anew.</summary>
    public string? KeptTable { get; init; }

    /// <summary>Its number, or <c>null</c>.</summary>
    public int? LiveVersion => Live?.Id.Number;

    public VersionSnapshot? Find(int? number) => Versions.FirstOrDefault(version => version.Id.Number == number);
}
