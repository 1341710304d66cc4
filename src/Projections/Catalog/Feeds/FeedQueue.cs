using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Definitions;
using Projections.Feeds;
using Projections.Postgres;
using Projections.Reactions;

namespace Projections.Catalog.Feeds;

/// <summary>Messages of a feed that are passed on together.</summary>
/// <param name="From">The feed, and where it is before them.</param>
/// <param name="After">The cursor that they follow. It lies behind that of <paramref name="From"/> where what was between is not kept any more.</param>
/// <param name="Messages">In order, and nothing is left out.</param>
internal sealed record FeedStretch(FeedPublication From, FeedCursor After, IReadOnlyList<FeedMessage> Messages)
{
    public ProjectionName Projection => From.Projection;

    /// <summary>The cursor of the last of them.</summary>
    public FeedCursor End => Messages[^1].Cursor!.Value;

    /// <summary>The same for the same messages, however often they are passed on.</summary>
    public Guid Id => MessageId.Of($"{From.Id}/{After}/{End}");

    public override string ToString() => $"what follows {After} in the feed of '{Projection}'";
}

/// <summary>
/// What of the feeds is still to be passed on. Nothing is kept for it: a feed keeps what it keeps for its readers, and what was dropped before anybody could pass it on shows in the
/// cursors, to whoever gets what follows.
/// </summary>
internal sealed partial class FeedQueue(ProjectionSystem system) : IOutbox<FeedStretch>
{
    private const int FeedsAtOnce = 20;

    /// <summary>About how many bytes are passed on together: the further behind, the more.</summary>
    private const int StretchBytes = 64 * 1024;

    private readonly ILogger _logger = system.Loggers.CreateLogger<FeedQueue>();

    public string Name => "feeds";

    /// <summary>This one spells "feed".</summary>
    public long Lock => 0x66656564;

    public string Channel => FeedPublication.Channel;

    public async Task<bool> IsInUseAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.Steady.OpenConnectionAsync(cancellationToken);
        return await connection.ScalarAsync<bool>("select exists (select from projections.feed_publication)", cancellationToken);
    }

    public async Task<IReadOnlyList<FeedStretch>> ReadAsync(NpgsqlConnection connection, int limit, CancellationToken cancellationToken)
    {
        var stretches = new List<FeedStretch>();
        foreach (var feed in await FeedPublication.ReadBehindAsync(connection, Math.Min(limit, FeedsAtOnce), cancellationToken))
        {
            try
            {
                stretches.AddRange(Cut(feed, feed.Place, await ReadAsync(connection, feed, feed.Place, cancellationToken)));
            }
            catch (FeedGone)
            {
                var oldest = await FindOldestAsync(connection, feed, cancellationToken);
                LogLost(_logger, feed.Projection, feed.Place, oldest);
                stretches.AddRange(Cut(feed, oldest, await ReadAsync(connection, feed, oldest, cancellationToken)));
            }
            catch (FeedOff)
            {
                // It was ended since.
            }
        }

        return stretches;
    }

    public Task PassedOnAsync(NpgsqlConnection connection, FeedStretch item, CancellationToken cancellationToken) => item.From.MoveAsync(connection, item.End, cancellationToken);

    /// <summary>Entries are passed on whole.</summary>
    private static Task<IReadOnlyList<FeedEntry>> ReadAsync(NpgsqlConnection connection, FeedPublication feed, FeedCursor after, CancellationToken cancellationToken) =>
        FeedEntries.ReadAsync(connection, feed.Projection, after.Line == 0 ? after : new FeedCursor(after.Entry, after.Part, FeedCursor.All), cancellationToken);

    /// <summary>Before all that is kept.</summary>
    private static async Task<FeedCursor> FindOldestAsync(NpgsqlConnection connection, FeedPublication feed, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            "select number, part from projections.feed_entry where projection = $1 order by number, part limit 1",
            row => new FeedCursor(row.GetInt64(0), row.GetInt32(1), 0),
            cancellationToken,
            feed.Projection.Value)).Single();

    private static IEnumerable<FeedStretch> Cut(FeedPublication feed, FeedCursor after, IReadOnlyList<FeedEntry> entries)
    {
        var (messages, bytes) = (new List<FeedMessage>(), 0);
        for (var i = 0; i < entries.Count; i++)
        {
            messages.AddRange(entries[i].Messages(after, passed: null));
            bytes += entries[i].Body!.Length;
            if (bytes >= StretchBytes || i == entries.Count - 1)
            {
                var stretch = new FeedStretch(feed, after, messages);
                yield return stretch;
                after = stretch.End;
                feed = feed with { Place = after };
                (messages, bytes) = ([], 0);
            }
        }
    }

    [LoggerMessage(623, LogLevel.Error, "What followed {Place} in the feed of {Projection} was dropped before it could be passed on; it goes on behind {Oldest}. Whoever gets it knows by that cursor, and reads the feed itself. Keep it longer ('projections feed start --keep'), or see why nothing was passed on.")]
    private static partial void LogLost(ILogger logger, ProjectionName projection, FeedCursor place, FeedCursor oldest);
}
