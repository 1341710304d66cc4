using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;

namespace Projections.LateEvents;

/// <summary>How a version stands with what turned up behind its checkpoint.</summary>
/// <param name="Watched">How many rows of numbers are looked at again.</param>
/// <param name="Waiting">How many late events its rows lack.</param>
/// <param name="Problem">Why the first of those cannot be mended by itself, or <c>null</c> when it can.</param>
/// <param name="Mended">How many late events were folded in.</param>
public sealed record LateEventCounts(long Watched, long Waiting, string? Problem, long Mended)
{
    /// <summary>Nothing was ever given up.</summary>
    public static readonly LateEventCounts None = new(0, 0, null, 0);
}

/// <summary>The catalog's list of late events.</summary>
internal static class LateEventList
{
    /// <summary>
    /// Notes that events have turned up at these numbers, for every version that passed them, and tells the workers. Done twice it changes
    /// nothing.
    /// </summary>
    /// <returns>Whether there was anything that had not been noted.</returns>
    public static async Task<bool> MarkAsync(NpgsqlConnection connection, string source, IReadOnlyList<long> positions, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            with marked as (
                insert into projections.late_event (projection, number, position)
                select distinct g.projection, g.number, found.position
                from unnest($2::bigint[]) as found (position)
                join projections.given_up g on found.position between g.first and g.last
                join projections.projection p on p.name = g.projection and p.source = $1
                order by g.projection, g.number, found.position
                on conflict do nothing
                returning projection)
            select projection, pg_notify($3, projection) from marked group by projection
            """,
            row => row.GetString(0),
            cancellationToken,
            source,
            positions.ToArray(),
            ProjectionCatalog.Channel)).Count > 0;

    /// <summary>The oldest after a position that a version's rows lack.</summary>
    /// <param name="connection">Where the catalog is.</param>
    /// <param name="version">The version.</param>
    /// <param name="stuck">Whether to read those that could not be mended, in place of those that were not tried yet.</param>
    /// <param name="after">The position.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task<IReadOnlyList<long>> ReadWaitingAsync(
        NpgsqlConnection connection, VersionId version, bool stuck, long after, int limit, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select position from projections.late_event
            where projection = $1 and number = $2 and status = 'waiting' and (problem is not null) = $3 and position > $4
            order by position limit $5
            """,
            row => row.GetInt64(0),
            cancellationToken,
            version.Projection.Value,
            version.Number,
            stuck,
            after,
            limit);

    /// <summary>The first of all that a version's rows lack, or <c>null</c>.</summary>
    public static async Task<EventPosition?> FindFirstWaitingAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            "select position from projections.late_event where projection = $1 and number = $2 and status = 'waiting' order by position limit 1",
            row => new EventPosition(row.GetInt64(0)),
            cancellationToken,
            version.Projection.Value,
            version.Number)).Select(position => (EventPosition?)position).FirstOrDefault();

    /// <summary>Notes that the version's rows have them, in the transaction that writes the rows.</summary>
    public static Task MendedAsync(NpgsqlConnection connection, VersionId version, IReadOnlyList<long> positions, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.late_event set status = 'mended', problem = null, mended_at = clock_timestamp()
            where projection = $1 and number = $2 and position = any ($3)
            """,
            cancellationToken,
            version.Projection.Value,
            version.Number,
            positions.ToArray());

    /// <summary>Notes why one cannot be mended.</summary>
    /// <returns>Whether that was not known yet.</returns>
    public static async Task<bool> StuckAsync(NpgsqlConnection connection, VersionId version, long position, string problem, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(
            """
            update projections.late_event set problem = $4
            where projection = $1 and number = $2 and position = $3 and status = 'waiting' and problem is distinct from $4
            """,
            cancellationToken,
            version.Projection.Value,
            version.Number,
            position,
            problem) > 0;

    /// <summary>Counts, by version; versions that have none of it are left out.</summary>
    public static async Task<Dictionary<VersionId, LateEventCounts>> CountAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var counts = await connection.QueryAsync(
            """
            select projection, number, coalesce(watched, 0), coalesce(waiting, 0), problem, coalesce(mended, 0)
            from (select projection, number, count(*) as watched from projections.given_up group by projection, number) as g
            full join (
                select projection, number, count(*) filter (where status = 'waiting') as waiting, min(problem) as problem,
                    count(*) filter (where status = 'mended') as mended
                from projections.late_event group by projection, number) as l
                using (projection, number)
            """,
            row => (Id: new VersionId(new ProjectionName(row.GetString(0)), row.GetInt32(1)),
                Counts: new LateEventCounts(row.GetInt64(2), row.GetInt64(3), row.GetNullable<string>(4), row.GetInt64(5))),
            cancellationToken);
        return counts.ToDictionary(row => row.Id, row => row.Counts);
    }

    /// <summary>Forgets what was mended so long ago that its number is not watched any more.</summary>
    public static Task ForgetMendedAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("delete from projections.late_event where status = 'mended' and mended_at < $1", cancellationToken, before);

    /// <summary>Forgets all of a version whose table is dropped.</summary>
    public static Task ForgetAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            with late as (delete from projections.late_event where projection = $1 and number = $2)
            delete from projections.given_up where projection = $1 and number = $2
            """,
            cancellationToken,
            version.Projection.Value,
            version.Number);
}
