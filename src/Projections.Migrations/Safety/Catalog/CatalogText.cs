using Projections.Postgres;

namespace Projections.Migrations.Safety.Catalog;

/// <summary>Rewrites definitions that PostgreSQL prints into the safer form of the same statement.</summary>
internal static class CatalogText
{
    /// <param name="indexDefinition">As <c>pg_get_indexdef</c> prints it.</param>
    public static string Concurrently(string indexDefinition) =>
        indexDefinition.Replace(" INDEX ", " INDEX CONCURRENTLY ", StringComparison.Ordinal);

    /// <summary>The columns' quoted names, with commas.</summary>
    public static string Columns(CatalogSnapshot catalog, uint table, IEnumerable<short> numbers) =>
        string.Join(", ", numbers.Select(number => catalog.Columns.TryGetValue((table, number), out var column) ? SqlName.Quote(column.Name) : "…"));
}
