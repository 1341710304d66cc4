using System.Diagnostics;

namespace Projections.CommandLine.Demo;

/// <summary>What the readers of the demo have met so far; written by all of them at once.</summary>
internal sealed class ReadFigures
{
    private long _reads;
    private long _failed;
    private long _stale;
    private long _longest;
    private long _longestLately;
    private string? _firstProblem;

    public long Reads => Interlocked.Read(ref _reads);

    /// <summary>Reads that ended with an error, or found no row where there is one.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Reads that saw an older state than a read that had ended before they began.</summary>
    public long Stale => Interlocked.Read(ref _stale);

    public TimeSpan Longest => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _longest));

    public string? FirstProblem => _firstProblem;

    public void Served(TimeSpan took)
    {
        var ticks = (long)(took.TotalSeconds * Stopwatch.Frequency);
        Interlocked.Increment(ref _reads);
        Raise(ref _longest, ticks);
        Raise(ref _longestLately, ticks);
    }

    public void Fail(string problem)
    {
        Interlocked.Increment(ref _failed);
        Interlocked.CompareExchange(ref _firstProblem, problem, null);
    }

    public void SeeStale(string problem)
    {
        Interlocked.Increment(ref _stale);
        Interlocked.CompareExchange(ref _firstProblem, problem, null);
    }

    /// <summary>The longest read since this was asked last.</summary>
    public TimeSpan TakeLongestLately() => Stopwatch.GetElapsedTime(0, Interlocked.Exchange(ref _longestLately, 0));

    private static void Raise(ref long highest, long value)
    {
        var seen = Interlocked.Read(ref highest);
        while (value > seen && Interlocked.CompareExchange(ref highest, value, seen) is var before && before != seen)
        {
            seen = before;
        }
    }
}
