using System.Collections.Concurrent;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Switching.Queries;

/// <summary>
/// Says what becomes of readers' statements behind a version. It is remembered for a while: the gates are asked at each try of a switch and whenever somebody
/// looks, and hundreds of statements would be planned twice each time.
/// </summary>
/// <param name="schema">The schema of the read names and their tables.</param>
/// <param name="time">The clock.</param>
internal sealed class QueryComparisons(string schema, TimeProvider time)
{
    /// <summary>What changes plans is seen at once, but for the data in columns, which change slowly.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<VersionId, Remembered> _remembered = new();

    /// <param name="connection">A connection without a transaction.</param>
    /// <param name="projection">The projection.</param>
    /// <param name="version">The version behind which the statements are to be planned.</param>
    /// <param name="keepContract">Whether the read name is to keep exactly the columns that it shows.</param>
    /// <param name="queries">The statements.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns><c>null</c> when nobody reads the name yet, or the version has no table.</returns>
    public async Task<QueryReport?> CompareAsync(
        NpgsqlConnection connection, ProjectionSnapshot projection, VersionId version, bool keepContract, IReadOnlyList<ReadersQuery> queries, CancellationToken cancellationToken)
    {
        var name = projection.Name.Value;
        var view = await ReadName.ReadAsync(connection, schema, name, cancellationToken);
        var table = await ReadName.ReadAsync(connection, schema, version.Table, cancellationToken);
        if (projection.Live is not { } live || view is not { IsView: true } || table is null)
        {
            return null;
        }

        var contract = keepContract || projection.Contract is not null ? view.Columns.Select(column => column.Name).ToList() : null;
        var columns = ReadNameChange.From(view.Columns, table.Columns, contract).Columns;
        var basis = string.Join('\n', [await ReadTablesAsync(connection, live.Id, version, cancellationToken), .. columns, .. queries.Select(query => query.Text)]);
        if (_remembered.TryGetValue(version, out var known) && known.Basis == basis && time.GetElapsedTime(known.At) < Kept)
        {
            return known.Report;
        }

        var report = await new QueryComparison(connection, schema, name, live.Id.Table).RunAsync(queries, table.Name, columns, cancellationToken);
        _remembered[version] = new Remembered(basis, time.GetTimestamp(), report);
        return report;
    }

    /// <summary>What the planner knows of both tables, in short: which they are, how large, and by which indexes they are found.</summary>
    private async Task<string> ReadTablesAsync(NpgsqlConnection connection, VersionId live, VersionId version, CancellationToken cancellationToken) =>
        (await connection.ScalarAsync<string>(
            """
            select string_agg(concat_ws(' ', c.oid, c.relfilenode, c.reltuples, i.indexrelid, i.indisvalid), ', ' order by c.oid, i.indexrelid)
            from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indrelid = c.oid
            where n.nspname = $1 and c.relname in ($2, $3)
            """,
            cancellationToken,
            schema, live.Table, version.Table))!;

    /// <param name="Basis">Everything that the report hangs on.</param>
    /// <param name="At">When it was made, on the clock.</param>
    /// <param name="Report">The report.</param>
    private sealed record Remembered(string Basis, long At, QueryReport Report);
}
