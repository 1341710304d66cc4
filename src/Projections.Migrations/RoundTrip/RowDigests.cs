using Npgsql;
using Projections.Migrations.Copies;
using Projections.Postgres;

namespace Projections.Migrations.RoundTrip;

/// <summary>A digest of the rows of each table, whatever their order.</summary>
internal static class RowDigests
{
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var digests = new Dictionary<string, string>();
        foreach (var table in await new SampleTables(connection).ListAsync(cancellationToken))
        {
            digests[table.Name] = await connection.ScalarAsync<string>(
                $"SELECT count(*) || ' rows, ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY {table.Name} t", cancellationToken) ?? "";
        }

        return digests;
    }

    /// <returns>The tables that are there in both states, with other rows.</returns>
    public static IReadOnlyList<string> Changed(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        [.. before.Where(pair => after.TryGetValue(pair.Key, out var now) && now != pair.Value).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
}
