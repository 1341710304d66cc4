using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>
/// What a switch does for a feed, in its own transaction: it leaves a mark, with both versions and the position. The rows in which they differ are found afterwards
/// (<see cref="FeedDifference"/>), as they are at this mark, and nothing behind it is read before.
/// </summary>
internal static class FeedSwitches
{
    /// <summary>Marks the switch.</summary>
    /// <param name="connection">Where the transaction is open. Both versions' rows are locked.</param>
    /// <param name="to">The version that readers see from now on.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="mark">What is to be told. All rows of the version follow where it clears.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public static async Task MarkAsync(NpgsqlConnection connection, VersionId to, EventPosition position, FeedSwitch mark, CancellationToken cancellationToken)
    {
        var number = await FeedLog.AddAsync(connection, FeedEntryKind.Switched, to, position, mark.ToString(), cancellationToken);
        await connection.ExecuteAsync(
            "update projections.feed_entry set is_pending = true, from_version = $3 where projection = $1 and number = $2",
            cancellationToken,
            to.Projection.Value,
            number,
            mark.Clear ? null : mark.From);
    }

    /// <summary>
    /// A version's table is no more. What was to be compared with it is replaced by all rows of the other one; and where it was to be compared itself, readers have gone
    /// elsewhere since, and all rows follow there.
    /// </summary>
    public static Task ForgetAsync(NpgsqlConnection connection, VersionId version, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            """
            update projections.feed_entry
            set is_pending = version <> $2, from_version = nullif(from_version, $2)
            where projection = $1 and is_pending and $2 in (version, from_version)
            """,
            cancellationToken,
            version.Projection.Value,
            version.Number);
}
