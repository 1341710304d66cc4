using System.Diagnostics;
using System.Globalization;

namespace Projections.Chaos.Report;

/// <summary>What happened in a run so far. May be used from everywhere at once.</summary>
internal sealed class ChaosRecord(TextWriter output)
{
    private const int MostDetails = 20;

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Door, string Outcome), int> _commands = [];
    private readonly Dictionary<string, List<string>> _wrong = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _wrongs = new(StringComparer.Ordinal);
    private readonly HashSet<long> _late = [];
    private readonly HashSet<(string Table, long Position)> _lacking = [];
    private int _vainStarts;
    private int _ends;
    private double _peak;
    private long _reads;
    private double _longestRead;

    public IReadOnlyDictionary<string, int> Faults => _faults;

    public IReadOnlyDictionary<(string Door, string Outcome), int> Commands => _commands;

    /// <summary>How often a worker ended at its start because it could not reach what it needs.</summary>
    public int VainStarts => _vainStarts;

    /// <summary>How often a worker that was at work ended without being told to.</summary>
    public int Ends => _ends;

    /// <summary>How many events turned up behind the checkpoint of some version.</summary>
    public int LateEvents => _late.Count;

    /// <summary>How often a version said of one of them that it cannot get it: it has to be built anew.</summary>
    public int Lacking => _lacking.Count;

    public double PeakMegabytes => _peak;

    public long Reads => _reads;

    public TimeSpan LongestRead => TimeSpan.FromMilliseconds(_longestRead);

    /// <summary>How often something was wrong that must not be.</summary>
    public int Wrongs(string what) => _wrongs.GetValueOrDefault(what);

    public IReadOnlyDictionary<string, List<string>> Details => _wrong;

    public void Say(string line)
    {
        lock (_gate)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began):h\\:mm\\:ss\\.f}  {line}"));
        }
    }

    public void SeeFault(string kind, string what)
    {
        lock (_gate)
        {
            _faults[kind] = _faults.GetValueOrDefault(kind) + 1;
        }

        Say(what);
    }

    public void SeeCommand(string door, string outcome, string what)
    {
        lock (_gate)
        {
            _commands[(door, outcome)] = _commands.GetValueOrDefault((door, outcome)) + 1;
        }

        Say($"    {what}");
    }

    public void SeeEnd(bool wasAtWork, string what)
    {
        lock (_gate)
        {
            _ends += wasAtWork ? 1 : 0;
            _vainStarts += wasAtWork ? 0 : 1;
        }

        Say(what);
    }

    public void SeeLate(string table, long position, bool lacks)
    {
        lock (_gate)
        {
            _late.Add(position);
            if (lacks)
            {
                _lacking.Add((table, position));
            }
        }
    }

    public void SeeMemory(double? megabytes)
    {
        lock (_gate)
        {
            _peak = Math.Max(_peak, megabytes ?? 0);
        }
    }

    public void SeeRead(TimeSpan took)
    {
        lock (_gate)
        {
            _reads++;
            _longestRead = Math.Max(_longestRead, took.TotalMilliseconds);
        }
    }

    /// <summary>Something that is never to be.</summary>
    /// <param name="what">What, as the table at the end has it.</param>
    /// <param name="detail">To which thing, and how.</param>
    /// <param name="times">How often at once.</param>
    public void Wrong(string what, string detail, int times = 1)
    {
        lock (_gate)
        {
            _wrongs[what] = _wrongs.GetValueOrDefault(what) + times;
            if (!_wrong.TryGetValue(what, out var details))
            {
                _wrong[what] = details = [];
            }

            if (details.Count < MostDetails)
            {
                details.Add(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_began):h\\:mm\\:ss}  {detail}"));
            }
        }

        Say($"WRONG: {what}: {detail}");
    }
}
