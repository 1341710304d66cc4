using Npgsql;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>
/// Drops what feeds have kept long enough, the oldest first, in small steps, each a transaction of its own. The last entry of a feed that is on always stays: it is the proof that who has read
/// so far has missed nothing.
/// </summary>
internal sealed class FeedPruning(ProjectionSystem system)
{
    // Written out: for a limit that is a parameter the planner expects a tenth of the feed, and goes over all of it.
    private const string NumbersAtOnce = "limit 200";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>For each database of the process, at least.</summary>
    private static readonly TimeSpan IntervalPerDatabase = TimeSpan.FromMilliseconds(500);

    private long? _ranAt;

    public async Task RunIfDueAsync(CancellationToken cancellationToken)
    {
        if (_ranAt is { } ranAt && system.Time.GetElapsedTime(ranAt) < system.Process.Pace(Interval, IntervalPerDatabase))
        {
            return;
        }

        await RunAsync(cancellationToken);
        _ranAt = system.Time.GetTimestamp();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        var feeds = await FeedState.ReadAllAsync(connection, cancellationToken);
        if (feeds.Count == 0)
        {
            return;
        }

        foreach (var feed in feeds)
        {
            var surplus = feed is { IsOn: true, KeepRows: { } rows } ? await FindSurplusAsync(connection, feed.Projection, rows, cancellationToken) : null;
            while (await FindEndAsync(connection, feed, surplus, cancellationToken) is { } end)
            {
                await DropAsync(connection, feed.Projection, end, cancellationToken);
            }
        }

        // Of switches that were settled while somebody wrote it.
        await connection.ExecuteAsync(
            """
            delete from projections.feed_touched t
            where not exists (select from projections.feed_entry m where m.projection = t.projection and m.number = t.number and m.is_pending)
            """,
            cancellationToken);
    }

    /// <returns>The newest that is one too many, with all before it; <c>null</c> when none is. Goes over as much as is to be kept.</returns>
    private static async Task<long?> FindSurplusAsync(NpgsqlConnection connection, ProjectionName projection, long rows, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            select number from (
                select number, part, sum(rows) over (order by number desc, part desc) as total from projections.feed_entry where projection = $1) as newest
            where total > $2 order by number desc, part desc limit 1
            """,
            row => (long?)row.GetInt64(0),
            cancellationToken,
            projection.Value,
            rows)).SingleOrDefault();

    /// <summary>Looks at the oldest alone: a feed may be long.</summary>
    /// <returns>The newest of them that goes, with all before it; <c>null</c> when none does.</returns>
    private static async Task<long?> FindEndAsync(NpgsqlConnection connection, FeedState feed, long? surplus, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            $"""
            with oldest as (
                select number, max(at) as at from projections.feed_entry
                where projection = $1 and number in (select distinct number from projections.feed_entry where projection = $1 order by number {NumbersAtOnce})
                group by number)
            select max(number) from oldest
            where not $2 or (
                (at < clock_timestamp() - $3::interval or number <= $4)
                and number < (select max(number) from projections.feed_entry where projection = $1)
                and number < coalesce((select min(number) from projections.feed_entry where projection = $1 and is_pending), 9223372036854775807))
            """,
            row => row.GetNullableValue<long>(0),
            cancellationToken,
            feed.Projection.Value, feed.IsOn, feed.KeepFor, surplus)).Single();

    private static Task<int> DropAsync(NpgsqlConnection connection, ProjectionName projection, long end, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            $"""
            delete from projections.feed_entry
            where projection = $1 and number in (
                select distinct number from projections.feed_entry where projection = $1 and number <= $2 order by number {NumbersAtOnce})
            """,
            cancellationToken,
            projection.Value,
            end);
}
