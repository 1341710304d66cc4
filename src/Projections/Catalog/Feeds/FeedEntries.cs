using Npgsql;
using Projections.Definitions;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>The entries of a feed, in order; those behind a switch once the rows are there in which the versions differ.</summary>
internal static class FeedEntries
{
    private const int AtOnce = 20;

    /// <summary>Reads the next of them that have something behind a place.</summary>
    /// <exception cref="FeedOff">There is no feed.</exception>
    /// <exception cref="FeedGone">What follows there is not kept any more.</exception>
    public static async Task<IReadOnlyList<FeedEntry>> ReadAsync(NpgsqlConnection connection, ProjectionName projection, FeedCursor at, CancellationToken cancellationToken)
    {
        var entries = await connection.QueryAsync(
            """
            select number, part, kind, case when (number, part) >= ($2, $3) and ($4 or (number, part) <> ($2, $3)) then body end
            from projections.feed_entry
            where projection = $1 and number >= $2 and (part = 0 or (number, part) >= ($2, $3))
              -- What follows a switch comes behind the rows in which the versions differ.
              and number < coalesce((select min(number) from projections.feed_entry where projection = $1 and is_pending and number > $2), 9223372036854775807)
            order by number, part limit $5
            """,
            row => new FeedEntry(row.GetInt64(0), row.GetInt32(1), row.GetString(2), row.GetNullable<byte[]>(3)),
            cancellationToken,
            projection.Value, at.Entry, at.Part, at.Line != FeedCursor.All, AtOnce);

        // The entry that the cursor is of is the proof that nothing behind it has been dropped: the oldest go first.
        if (entries is not [var first, ..] || first.Number != at.Entry || entries.Any(entry => entry.Kind == FeedEntryKind.Start && entry.Number != at.Entry))
        {
            await ThrowIfOffAsync(connection, projection, cancellationToken);
            throw new FeedGone(projection, FeedStart.After(at));
        }

        var found = entries.Where(entry => entry.Body is not null && entry.Kind != FeedEntryKind.Start).ToList();
        if (found.Count == 0)
        {
            await ThrowIfOffAsync(connection, projection, cancellationToken);
        }

        return found;
    }

    /// <exception cref="FeedOff">There is no feed.</exception>
    public static async Task ThrowIfOffAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>("select is_on from projections.feed where projection = $1", cancellationToken, projection.Value))
        {
            throw new FeedOff(projection);
        }
    }
}
