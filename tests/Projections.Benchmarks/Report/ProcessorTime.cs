using System.Globalization;

namespace Projections.Benchmarks.Report;

/// <summary>Processor time that processes have used so far; unlike elapsed time it hardly depends on what else the machine does.</summary>
internal static class ProcessorTime
{
    // The kernel counts in ticks of USER_HZ, which is 100 a second on every architecture that .NET runs on.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    // Fields of /proc/<pid>/stat behind the name, counted from 0: see proc(5).
    private const int Parent = 1;
    private const int Own = 11;
    private const int Children = 13;

    /// <summary>Of a process and all its children, those that have ended included.</summary>
    public static TimeSpan OfFamily(int process)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) && Stat(id) is { } stat && (id == process || stat[Parent] == process))
            {
                ticks += stat[Own] + stat[Own + 1];
                ticks += id == process ? stat[Children] + stat[Children + 1] : 0;
            }
        }

        return ticks * Tick;
    }

    private static long[]? Stat(int process)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{process}/stat");
            return [.. text[(text.LastIndexOf(')') + 2)..].Split(' ').Take(Children + 2).Select(field => long.TryParse(field, CultureInfo.InvariantCulture, out var value) ? value : 0)];
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
