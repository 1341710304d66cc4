namespace Projections.Migrations.Safety.Catalog;

/// <summary>An enum or a domain.</summary>
/// <param name="Oid">Its number.</param>
/// <param name="Name">Its name, qualified where it must be.</param>
/// <param name="IsDomain">Whether it is a domain.</param>
/// <param name="IsRequired">Whether a domain refuses NULL.</param>
/// <param name="Labels">An enum's values by their numbers, which outlive a new name.</param>
internal sealed record CatalogType(uint Oid, string Name, bool IsDomain, bool IsRequired, IReadOnlyDictionary<uint, string> Labels);
