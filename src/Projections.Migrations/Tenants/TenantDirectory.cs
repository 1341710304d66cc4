using Npgsql;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.Tenants;

/// <summary>Finds the tenants' schemas, and reads where each of them is in one query per hundred.</summary>
internal sealed class TenantDirectory(MigrationOptions options)
{
    private const int TablesPerQuery = 100;

    public async Task<IReadOnlyList<string>> ListAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        options.Tenants.SchemaQuery is { } query
            ? await connection.QueryAsync(query, row => row.GetString(0), cancellationToken)
            : await connection.QueryAsync(
                "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE $1 ORDER BY nspname", row => row.GetString(0), cancellationToken, options.Tenants.SchemaPattern);

    /// <returns>The tracking rows of every schema that has a tracking table.</returns>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<TrackedMigration>>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<string> schemas, CancellationToken cancellationToken)
    {
        var withTable = await connection.QueryAsync(
            """
            SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = $1 AND c.relkind IN ('r', 'p') AND n.nspname = ANY ($2)
               AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'checksum_normalised')
            """,
            row => row.GetString(0), cancellationToken, options.TrackingTable, schemas.ToArray());

        var rows = withTable.ToDictionary(schema => schema, _ => new List<TrackedMigration>());
        foreach (var chunk in withTable.Chunk(TablesPerQuery))
        {
            await ReadChunkAsync(connection, chunk, rows, cancellationToken);
        }

        return rows.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<TrackedMigration>)pair.Value);
    }

    private async Task ReadChunkAsync(
        NpgsqlConnection connection, string[] schemas, Dictionary<string, List<TrackedMigration>> rows, CancellationToken cancellationToken)
    {
        var union = string.Join(
            "\nUNION ALL\n",
            schemas.Select((schema, index) =>
                $"SELECT {index}, row_of_tenant.* FROM ({MigrationTarget.OfTenant(options, schema).Tracking.SelectSql}) row_of_tenant"));
        await using var command = new NpgsqlCommand($"{union} ORDER BY 1, 2", connection);
        command.Parameters.Add(new() { Value = options.Service });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows[schemas[reader.GetInt32(0)]].Add(TrackingTable.ReadRow(reader, firstColumn: 1));
        }
    }
}
