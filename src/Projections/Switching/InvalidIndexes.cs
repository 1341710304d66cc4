using Npgsql;
using Projections.Postgres;

namespace Projections.Switching;

/// <summary>Indexes of a table that serve no query: a concurrent build that was interrupted leaves one.</summary>
internal static class InvalidIndexes
{
    public static async Task<IReadOnlyList<string>> OfAsync(NpgsqlConnection connection, string schema, string table, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select indexrelid::regclass::text from pg_index where indrelid = to_regclass($1) and not (indisvalid and indisready and indislive) order by 1",
            row => row.GetString(0),
            cancellationToken,
            SqlName.Quote(schema, table));
}
