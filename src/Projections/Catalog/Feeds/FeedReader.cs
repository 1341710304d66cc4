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
    private const int EntriesAtOnce = 20;

    /// <summary>Behind all lines of an entry, and behind all parts of a number.</summary>
    private const int All = int.MaxValue;

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
            foreach (var entry in await ReadAsync(at, cancellationToken))
            {
                isNew = true;
                foreach (var message in entry.Messages(at, passed))
                {
                    yield return message;
                }

                at = new FeedCursor(entry.Number, entry.Part, All);
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

    /// <summary>Behind the last changes by events that a copy at a position certainly has.</summary>
    private async Task<FeedCursor> FindAsync(FeedStart.AfterPosition start, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await ThrowIfOffAsync(connection, cancellationToken);
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
        return number > 0 ? new FeedCursor(number, 0, All) : throw new FeedGone(projection, start);
    }

    /// <returns>The entries that have something behind a place.</returns>
    private async Task<IReadOnlyList<Entry>> ReadAsync(FeedCursor at, CancellationToken cancellationToken)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        var entries = await connection.QueryAsync(
            """
            select number, part, kind, case when (number, part) >= ($2, $3) and ($4 or (number, part) <> ($2, $3)) then body end
            from projections.feed_entry
            where projection = $1 and number >= $2 and (part = 0 or (number, part) >= ($2, $3))
              -- What follows a switch comes behind the rows in which the versions differ.
              and number < coalesce((select min(number) from projections.feed_entry where projection = $1 and is_pending and number > $2), 9223372036854775807)
            order by number, part limit $5
            """,
            row => new Entry(row.GetInt64(0), row.GetInt32(1), row.GetString(2), row.GetNullable<byte[]>(3)),
            cancellationToken,
            projection.Value, at.Entry, at.Part, at.Line != All, EntriesAtOnce);

        // The entry that the cursor is of is the proof that nothing behind it has been dropped: the oldest go first.
        if (entries is not [var first, ..] || first.Number != at.Entry || entries.Any(entry => entry.Kind == FeedEntryKind.Start && entry.Number != at.Entry))
        {
            await ThrowIfOffAsync(connection, cancellationToken);
            throw new FeedGone(projection, FeedStart.After(at));
        }

        var found = entries.Where(entry => entry.Body is not null && entry.Kind != FeedEntryKind.Start).ToList();
        if (found.Count == 0)
        {
            await ThrowIfOffAsync(connection, cancellationToken);
        }

        return found;
    }

    private async Task ThrowIfOffAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await connection.ScalarAsync<bool>("select is_on from projections.feed where projection = $1", cancellationToken, projection.Value))
        {
            throw new FeedOff(projection);
        }
    }

    private sealed record Entry(long Number, int Part, string Kind, byte[]? Body)
    {
        /// <summary>A message a line, those behind a place; of what events have done, only what is behind a position.</summary>
        public IEnumerable<FeedMessage> Messages(FeedCursor after, EventPosition? passed)
        {
            var body = Body!;
            var skip = (Number, Part) == (after.Entry, after.Part) ? after.Line : 0;
            for (int line = 1, start = 0; start < body.Length; line++)
            {
                var length = body.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var found ? found : body.Length - start;
                if (line > skip && !(passed is not null && Kind == FeedEntryKind.Changes && ChangeLine.PositionOf(body.AsSpan(start, length)) <= passed))
                {
                    yield return new FeedMessage(MessageKind, new FeedCursor(Number, Part, line), body.AsMemory(start, length));
                }

                start += length + 1;
            }
        }

        private FeedMessageKind MessageKind => Kind switch
        {
            FeedEntryKind.Switched => FeedMessageKind.Switched,
            FeedEntryKind.Rows => FeedMessageKind.Rows,
            FeedEntryKind.Settled => FeedMessageKind.Settled,
            _ => FeedMessageKind.Changes,
        };
    }
}
