using Projections.Migrations.Safety.Catalog;

namespace Projections.Migrations.Safety.Observing;

/// <summary>What roles have lost when a migration is done.</summary>
internal sealed record RoleLosses
{
    /// <summary>Nothing.</summary>
    public static RoleLosses None { get; } = new();

    /// <summary>The rights that they have no more, with what PostgreSQL says to the role that tries; empty where it could only be asked.</summary>
    public IReadOnlyDictionary<(char Kind, uint Oid, short Column, string Grantee, string Privilege), string> Denied { get; init; } =
        new Dictionary<(char, uint, short, string, string), string>();

    /// <summary>The roles that read a table before, and to which its row-level security shows no row now, for no policy is for them.</summary>
    public IReadOnlyList<(uint Table, string Role)> Blind { get; init; } = [];

    public bool IsDenied(CatalogRight right) => Denied.ContainsKey(right.Key);

    /// <returns>What PostgreSQL says to whoever tries one of them, as a sentence; empty when it says nothing.</returns>
    public string WordsOf(IEnumerable<CatalogRight> rights) =>
        rights.Select(right => Denied.GetValueOrDefault(right.Key, "")).FirstOrDefault(words => words.Length > 0) is { } words
            ? $" Tried as that role: {words}."
            : "";
}
