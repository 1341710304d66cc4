using System.Runtime.CompilerServices;
using Npgsql;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
using Projections.Postgres;

namespace Projections.Catalog.Feeds;

/// <summary>
/// Reads a projection's feed in order, and waits for more. Numbers of entries are drawn behind the lock of the row of the version that is live, so what has a lower number is
/// committed before what has a higher one can be seen. No connection is held between two looks.
/// </summary>
internal sealed class FeedReader(ProjectionSystem system, ProjectionName projection)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    /// <summary>Reads on until it is called off.</summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="once">Whether to end at what there is.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    /// <exception cref="FeedOff">There is no feed.</exception>
    /// <exception cref="FeedGone">What follows there is not kept any more.</exception>
    public async IAsyncEnumerable<FeedMessage> ReadAsync(FeedStart start, bool once, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (start is FeedStart.FromSnapshot)
        {
            var snapshot = new FeedSnapshot(system, projection);
            await foreach (var message in snapshot.ReadAsync(cancellationToken))
            {
                yield return message;
            }

            start = FeedStart.After(snapshot.End);
        }

        var passed = (start as FeedStart.AfterPosition)?.Position;
        var at = start is FeedStart.AfterCursor after ? after.Cursor : await FindAsync((FeedStart.AfterPosition)start, cancellationToken);
        var wait = ShortestWait;
        while (true)
        {
            var isNew = false;
            foreach (var entry in await ReadEntriesAsync(at, cancellationToken))
            {
                isNew = true;
                foreach (var message in entry.Messages(at, passed))
                {
                    yield return message;
                }

                at = entry.End;
            }

            if (isNew)
            {
                wait = ShortestWait;
            }
            else if (once)
            {
                yield break;
            }
            else
            {
                await Task.Delay(wait, system.Time, cancellationToken);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }
    }

    private async Task<IReadOnlyList<FeedEntry>> ReadEntriesAsync(FeedCursor at, CancellationToken cancellationToken)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        return await FeedEntries.ReadAsync(connection, projection, at, cancellationToken);
    }

    /// <summary>Behind the last changes by events that a copy at a position certainly has.</summary>
    private async Task<FeedCursor> FindAsync(FeedStart.AfterPosition start, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await FeedEntries.ThrowIfOffAsync(connection, projection, cancellationToken);
        var number = await connection.ScalarAsync<long>(
            """
            select number from projections.feed_entry
            where projection = $1 and kind in ('start', 'changes') and (position_major, position_minor) <= ($2, $3)
            order by number desc limit 1
            """,
            cancellationToken,
            projection.Value,
            start.Position.Major,
            start.Position.Minor);
        return number > 0 ? new FeedCursor(number, 0, FeedCursor.All) : throw new FeedGone(projection, start);
    }
}
