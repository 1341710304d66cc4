using Npgsql;
using Projections.Catalog;

namespace Projections.Switching;

/// <summary>The table behind a read name: the live version's, or the one that readers keep while its version is built anew.</summary>
internal static class ShownTable
{
    /// <returns><c>null</c> when the read name shows none of ours.</returns>
    public static async Task<ReadName?> ReadAsync(
        NpgsqlConnection connection, string schema, ProjectionSnapshot projection, CancellationToken cancellationToken) => projection switch
        {
            { Live: { } live } => await ReadName.ReadAsync(connection, schema, live.Id.Table, cancellationToken),
            { KeptTable: { } table } => await ReadName.ReadAsync(connection, CatalogSchema.Name, table, cancellationToken),
            _ => null,
        };
}
