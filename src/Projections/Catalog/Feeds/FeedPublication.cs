using Npgsql;
using Projections.Definitions;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>That a feed is passed on to a bus, and how far it is.</summary>
/// <param name="Projection">Whose feed.</param>
/// <param name="Id">Of which the ids of messages are made.</param>
/// <param name="Place">The cursor of the last message that was passed on.</param>
internal sealed record FeedPublication(ProjectionName Projection, Guid Id, FeedCursor Place)
{
    /// <summary>The channel on which it is signalled that there is more.</summary>
    public const string Channel = "projections_feeds";

    /// <summary>Those that have something to pass on, the one that had its turn last at the end.</summary>
    public static async Task<IReadOnlyList<FeedPublication>> ReadBehindAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            """
            select projection, id, number, part, line
            from projections.feed_publication p
            where exists (
                select from projections.feed_entry e
                where e.projection = p.projection and (e.number, e.part) > (p.number, p.part)
                  and e.number < coalesce((select min(number) from projections.feed_entry where projection = p.projection and is_pending and number > p.number), 9223372036854775807))
            order by at limit $1
            """,
            row => new FeedPublication(new ProjectionName(row.GetString(0)), row.GetGuid(1), new FeedCursor(row.GetInt64(2), row.GetInt32(3), row.GetInt32(4))),
            cancellationToken,
            limit);

    /// <summary>Passes a feed on from here on, where it is not passed on already.</summary>
    /// <returns>Whether it was not.</returns>
    public static async Task<bool> BeginAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync(
            """
            insert into projections.feed_publication (projection, number, part, line)
            select $1, max(number), $2, $2 from projections.feed_entry where projection = $1
            on conflict do nothing
            """,
            cancellationToken,
            projection.Value,
            FeedCursor.All) > 0;

    /// <summary>Passes it on no more.</summary>
    /// <returns>Whether it was.</returns>
    public static async Task<bool> EndAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        await connection.ExecuteAsync("delete from projections.feed_publication where projection = $1", cancellationToken, projection.Value) > 0;

    /// <summary>Signals, with the transaction that is open, that there is more of a feed.</summary>
    public static Task SignalAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync($"select pg_notify('{Channel}', '') from projections.feed_publication where projection = $1", cancellationToken, projection.Value);

    /// <summary>Notes how far it is, unless it was ended, or begun anew, meanwhile.</summary>
    public Task MoveAsync(NpgsqlConnection connection, FeedCursor to, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.feed_publication set number = $3, part = $4, line = $5, at = clock_timestamp()
            where projection = $1 and id = $2 and (number, part, line) = ($6, $7, $8)
            """,
            cancellationToken,
            Projection.Value, Id, to.Entry, to.Part, to.Line, Place.Entry, Place.Part, Place.Line);
}
