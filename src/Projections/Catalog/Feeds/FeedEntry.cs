using Projections.Events;
using Projections.Feeds;

namespace Projections.Catalog.Feeds;

/// <summary>An entry of a feed: some of its messages, a line each.</summary>
/// <param name="Number">Its place.</param>
/// <param name="Part">Its place among those of a switch.</param>
/// <param name="Kind">What it holds (<see cref="FeedEntryKind"/>).</param>
/// <param name="Body">The lines; <c>null</c> where nobody asked for them.</param>
internal sealed record FeedEntry(long Number, int Part, string Kind, byte[]? Body)
{
    /// <summary>Behind all of it.</summary>
    public FeedCursor End => new(Number, Part, FeedCursor.All);

    /// <summary>A message a line, those behind a place; of what events have done, only what is behind a position.</summary>
    public IEnumerable<FeedMessage> Messages(FeedCursor after, EventPosition? passed)
    {
        var body = Body!;
        var skip = (Number, Part) == (after.Entry, after.Part) ? after.Line : 0;
        for (int line = 1, start = 0; start < body.Length; line++)
        {
            var length = body.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var found ? found : body.Length - start;
            if (line > skip && !(passed is not null && Kind == FeedEntryKind.Changes && ChangeLines.PositionOf(body.AsSpan(start, length)) <= passed))
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
