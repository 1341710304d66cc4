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
    private const int NumbersAtOnce = 200;

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
            if (await FindEndAsync(connection, feed, cancellationToken) is { } end)
            {
                while (await DropAsync(connection, feed.Projection, end, cancellationToken) > 0)
                {
                }
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

    /// <returns>The number behind which everything stays; <c>null</c> when nothing goes.</returns>
    private static async Task<long?> FindEndAsync(NpgsqlConnection connection, FeedState feed, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            """
            with entry as (
                select number, max(at) as at, sum(sum(rows)) over (order by number desc) as rows, lead(number) over (order by number) is null as is_last
                from projections.feed_entry where projection = $1 group by number)
            select max(number) from entry
            where not $2 or (
                not is_last and (at < clock_timestamp() - $3::interval or rows > $4)
                and number < coalesce((select min(number) from projections.feed_entry where projection = $1 and is_pending), 9223372036854775807))
            """,
            row => row.GetNullableValue<long>(0),
            cancellationToken,
            feed.Projection.Value, feed.IsOn, feed.KeepFor, feed.KeepRows)).Single();

    private static Task<int> DropAsync(NpgsqlConnection connection, ProjectionName projection, long end, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            delete from projections.feed_entry
            where projection = $1 and number in (
                select distinct number from projections.feed_entry where projection = $1 and number <= $2 order by number limit $3)
            """,
            cancellationToken,
            projection.Value,
            end,
            NumbersAtOnce);
}
