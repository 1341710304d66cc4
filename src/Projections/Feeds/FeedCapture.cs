using System.Buffers;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Feeds;

/// <summary>
/// What events have done to the rows of one version's fold, and is not committed yet: a line of JSON for each event. Every version that may be live when it
/// is committed has its own; whose counts is decided in the transaction that commits them.
/// </summary>
/// <param name="rows">The version's rows, as readers see them.</param>
/// <param name="at">The position that stands at all changes, of events that are folded out of their turn; <c>null</c> for their own.</param>
internal sealed class FeedCapture(IRowJson rows, EventPosition? at = null) : IRowWatch
{
    /// <summary>About how many bytes of lines are kept together: what somebody reads at once.</summary>
    private const int PartBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly ChangeWriter _writer = new(rows);
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly List<(EventPosition Position, int Start, int End)> _changes = [];
    private Exception? _failure;

    public bool IsEmpty => _changes.Count == 0 && _failure is null;

    /// <summary>Whether they came out of their turn.</summary>
    public bool IsCorrection => at is not null;

    /// <summary>How many bytes it takes.</summary>
    public long Bytes => _json.Capacity;

    /// <summary>The same for events that are folded out of their turn, while the version is at a position.</summary>
    public FeedCapture At(EventPosition position) => new(rows, position);

    public bool Wants(in RecordedEvent recorded) => true;

    public void Changed(RecordedEvent[] batch, int index, object key, object? before, object? after) => Add(batch[index].Position, before, after);

    /// <summary>Adds what became of a row otherwise than by an event in its turn.</summary>
    public void Add(EventPosition position, object? before, object? after)
    {
        lock (_lock)
        {
            var start = _json.WrittenCount;
            try
            {
                if (_failure is null && _writer.TryWrite(_json, before, after))
                {
                    _changes.Add((at ?? position, start, _json.WrittenCount));
                }
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // It is told when it is to be committed: a feed that lacks a row is worse than none.
                _failure = error;
            }
        }
    }

    /// <summary>They are committed.</summary>
    public void Clear()
    {
        _json.ResetWrittenCount();
        _changes.Clear();
        _failure = null;
    }

    /// <summary>What is to be committed, in the order of positions.</summary>
    /// <exception cref="UnstorableValue">A row has no JSON.</exception>
    public IEnumerable<FeedPart> Parts()
    {
        if (_failure is not null)
        {
            throw new UnstorableValue($"a row cannot be written as JSON for the feed: {_failure.Message}");
        }

        var json = _json.WrittenMemory;
        var lines = new ChangeLines();
        // Partitions meet the events of a batch side by side.
        foreach (var (position, start, end) in IsInOrder() ? _changes : [.. _changes.OrderBy(change => change.Position)])
        {
            if (lines.Bytes >= PartBytes && lines.IsNew(position))
            {
                yield return lines.Take();
            }

            lines.Next(position).Write(json.Span[start..end]);
        }

        if (lines.Rows > 0)
        {
            yield return lines.Take();
        }
    }

    private bool IsInOrder()
    {
        for (var i = 1; i < _changes.Count; i++)
        {
            if (_changes[i].Position < _changes[i - 1].Position)
            {
                return false;
            }
        }

        return true;
    }
}
