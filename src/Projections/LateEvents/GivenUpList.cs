using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.LateEvents;

/// <summary>The catalog's list of the numbers that versions passed without an event and without a proof.</summary>
internal static class GivenUpList
{
    /// <summary>What a version keeps at most; beyond it the oldest are forgotten, which <c>projections status</c> would show by the count.</summary>
    public const int MostOfAVersion = 50_000;

    private const string Insert =
        """
        insert into projections.given_up (projection, number, first, last, since)
        select $1, $2, first, last, since from unnest($3::bigint[], $4::bigint[], $5::timestamptz[]) as given_up (first, last, since)
        on conflict (projection, number, first) do update set last = greatest(given_up.last, excluded.last)
        """;

    public static Task AddAsync(NpgsqlConnection connection, VersionId version, IReadOnlyCollection<GivenUpNumbers> numbers, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(Insert, cancellationToken, Parameters(version, numbers));

    /// <summary>The same as a command of a batch that is one transaction.</summary>
    public static void Add(NpgsqlBatch batch, VersionId version, IReadOnlyCollection<GivenUpNumbers> numbers)
    {
        var command = new NpgsqlBatchCommand(Insert);
        foreach (var value in Parameters(version, numbers))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        batch.BatchCommands.Add(command);
    }

    /// <summary>What any version of a source has passed after a number, and is not yet known to be dead; the newest last.</summary>
    public static async Task<IReadOnlyList<GivenUpNumbers>> ReadAsync(
        NpgsqlConnection connection, string source, long after, DateTimeOffset since, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select g.first, g.last, min(g.since)
            from projections.given_up g join projections.projection p on p.name = g.projection
            where p.source = $1 and g.last > $2 and g.since > $3
            group by g.first, g.last
            order by 3
            """,
            row => new GivenUpNumbers(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2)),
            cancellationToken,
            source,
            after,
            since);

    /// <summary>What one version has passed.</summary>
    public static async Task<IReadOnlyList<GivenUpNumbers>> ReadOfAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            "select first, last, since from projections.given_up where projection = $1 and number = $2",
            row => new GivenUpNumbers(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2)),
            cancellationToken,
            version.Projection.Value,
            version.Number);

    /// <summary>What versions of a source have passed before a time, a few thousand at once.</summary>
    public static async Task<IReadOnlyList<GivenUpNumbers>> ReadOldAsync(
        NpgsqlConnection connection, string source, DateTimeOffset before, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select distinct g.first, g.last, g.since
            from projections.given_up g join projections.projection p on p.name = g.projection
            where p.source = $1 and g.since <= $2
            order by g.since limit 5000
            """,
            row => new GivenUpNumbers(row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<DateTimeOffset>(2)),
            cancellationToken,
            source,
            before);

    /// <summary>Strikes those that were looked at a last time.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, string source, IReadOnlyCollection<GivenUpNumbers> numbers, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            delete from projections.given_up g
            using projections.projection p, unnest($2::bigint[], $3::bigint[], $4::timestamptz[]) as old (first, last, since)
            where p.name = g.projection and p.source = $1 and g.first = old.first and g.last = old.last and g.since = old.since
            """,
            cancellationToken,
            source,
            numbers.Select(range => range.First).ToArray(),
            numbers.Select(range => range.Last).ToArray(),
            numbers.Select(range => range.Since).ToArray());

    /// <summary>Strikes the oldest of those versions that keep too many.</summary>
    /// <returns>How many were struck.</returns>
    public static Task<int> ForgetSurplusAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            delete from projections.given_up g
            using (
                select projection, number, first, row_number() over (partition by projection, number order by since desc, first desc) as place
                from projections.given_up) as placed
            where g.projection = placed.projection and g.number = placed.number and g.first = placed.first and placed.place > $1
            """,
            cancellationToken,
            MostOfAVersion);

    private static object[] Parameters(VersionId version, IReadOnlyCollection<GivenUpNumbers> numbers) =>
    [
        version.Projection.Value,
        version.Number,
        numbers.Select(range => range.First).ToArray(),
        numbers.Select(range => range.Last).ToArray(),
        numbers.Select(range => range.Since).ToArray(),
    ];
}
