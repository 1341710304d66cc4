using Npgsql;
using Projections.Migrations.Copies;
using Projections.Migrations.Tracking;
using Projections.Postgres;

namespace Projections.Migrations.RoundTrip;

/// <summary>What tables and sequences hold at one moment.</summary>
/// <param name="Tables">A digest of the rows of each table, whatever their order.</param>
/// <param name="Sequences">Where each sequence stands.</param>
internal sealed record RowDigests(IReadOnlyDictionary<string, string> Tables, IReadOnlyDictionary<string, string> Sequences)
{
    public static async Task<RowDigests> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = new Dictionary<string, string>();
        foreach (var table in await new SampleTables(connection).ListAsync(cancellationToken))
        {
            tables[table.Name] = await connection.ScalarAsync<string>(
                $"SELECT count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY {table.Name} t", cancellationToken) ?? "";
        }

        var sequences = new Dictionary<string, string>();
        foreach (var name in await ListSequencesAsync(connection, cancellationToken))
        {
            sequences[name] = await connection.ScalarAsync<string>($"SELECT format('%s %s', last_value, is_called) FROM {name}", cancellationToken) ?? "";
        }

        return new RowDigests(tables, sequences);
    }

    /// <returns>Those that are there in both states, and hold something else.</returns>
    public static IReadOnlyList<string> Changed(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        [.. before.Where(pair => after.TryGetValue(pair.Key, out var now) && now != pair.Value).Select(pair => pair.Key).Order(StringComparer.Ordinal)];

    private static Task<List<string>> ListSequencesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.QueryAsync(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'S' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
            """,
            row => row.GetString(0), cancellationToken, TrackingTable.SchemaOnCopies);
}
