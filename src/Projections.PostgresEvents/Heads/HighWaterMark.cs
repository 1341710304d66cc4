namespace Projections.PostgresEvents.Heads;

/// <summary>
/// The highest number up to which everything is settled: visible, or dead for ever. Rises by proof (<see cref="Fence"/>), and by
/// numbers that are visible without a gap. Knows no database; who looks tells it what was seen, in the order of seeing.
/// </summary>
/// <param name="grace">How long a missing number is waited for after all possible writers have ended.</param>
/// <param name="time">Where time comes from.</param>
internal sealed class HighWaterMark(TimeSpan grace, TimeProvider time)
{
    // Each fence remembers its writers; more fences settle numbers a little earlier, not better.
    private const int MostFences = 16;

    // For writers that draw numbers ahead of their transaction: numbers so far back are not waited for at the first look, or
    // every start of a reader would stand still at the first gap of the whole history.
    private const long RecentNumbers = 100_000;

    // How many of those that are not waited for are looked through for missing ones: some tenths of a second.
    private const long RememberedNumbers = 1_000_000;

    private readonly Queue<Fence> _fences = new();
    private readonly List<(long After, long UpTo)> _passedByTime = [];
    private readonly TimeSpan _spacing = grace / (MostFences / 2);
    private Dictionary<string, Writer> _writing = new(StringComparer.Ordinal);
    private DateTimeOffset _newestFence;
    private long _newestLast;
    private bool _looked;

    /// <summary>The mark; 0 when nothing is settled.</summary>
    public long Position { get; private set; }

    /// <summary>The oldest proof under way, or <c>null</c>.</summary>
    public Fence? Oldest => _fences.TryPeek(out var fence) ? fence : null;

    /// <summary>
    /// Whether the mark was ever seen to reach as far as it could. Before that it says little: a look that has only begun takes what was
    /// settled long ago for undecided as well.
    /// </summary>
    public bool IsProven { get; private set; }

    /// <summary>Whether missing numbers are waited for although nobody can hold them.</summary>
    public bool HasGrace => grace > TimeSpan.Zero;

    /// <summary>What was passed since the last call on no better proof than time, or than being far back.</summary>
    public IReadOnlyList<(long After, long UpTo)> TakePassedByTime()
    {
        if (_passedByTime.Count == 0)
        {
            return [];
        }

        var passed = _passedByTime.ToArray();
        _passedByTime.Clear();
        return passed;
    }

    /// <summary>The store stands at an earlier number than was seen before: nothing that is known of it counts.</summary>
    public void StartAgain()
    {
        Position = 0;
        _looked = false;
        _passedByTime.Clear();
        Settled();
        IsProven = false;
    }

    /// <summary>Everything that was ever drawn is settled.</summary>
    public void Settled()
    {
        _fences.Clear();
        _writing.Clear();
        _newestLast = 0;
        IsProven = true;
    }

    /// <summary>Takes in a look: the sequence stood at <paramref name="last"/>, and after that these were writing.</summary>
    public void Observe(long last, IReadOnlyCollection<Writer> writers)
    {
        var before = _writing;
        _writing = new Dictionary<string, Writer>(StringComparer.Ordinal);
        var appeared = new List<Writer>();
        foreach (var writer in writers)
        {
            _writing[writer.Transaction] = writer;
            if (!before.ContainsKey(writer.Transaction))
            {
                appeared.Add(writer);
            }
        }

        foreach (var fence in _fences)
        {
            fence.Update(_writing, appeared);
        }

        var now = time.GetUtcNow();
        if (last > _newestLast && _fences.Count < MostFences && (_fences.Count == 0 || now - _newestFence >= _spacing))
        {
            _fences.Enqueue(new Fence(last, now, writers));
            _newestFence = now;
            _newestLast = last;
        }

        PassFences(now);
        if (!_looked && Oldest is { WaitingFor.Count: 0 } first)
        {
            _looked = true;
            PassByTime(Math.Max(Position, first.Last - RecentNumbers - RememberedNumbers), first.Last - RecentNumbers);
        }
    }

    /// <summary>All numbers after the mark up to <paramref name="through"/> were seen.</summary>
    public void Raise(long through) => Position = Math.Max(Position, through);

    private void PassFences(DateTimeOffset now)
    {
        while (Oldest is { WaitingFor.Count: 0 } fence && now - fence.Since >= grace)
        {
            _looked = true;
            PassByTime(Position, fence.Last);
            _fences.Dequeue();
            IsProven = true;
        }
    }

    private void PassByTime(long after, long upTo)
    {
        if (HasGrace && upTo > after)
        {
            _passedByTime.Add((after, upTo));
        }

        Raise(upTo);
    }
}
