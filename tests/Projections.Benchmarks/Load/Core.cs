using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Projections.Benchmarks.Load;

/// <summary>Programs that are to have a core for themselves, as if they were on a machine of their own.</summary>
internal static class Core
{
    /// <summary>Leaves a process one core: the threads that it has, and what they will start.</summary>
    public static void Keep(int process, int core)
    {
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            try
            {
                // The kernel takes a thread's number where it takes a process's, and means that thread alone: see sched_setaffinity(2).
                using var one = Process.GetProcessById(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture));
                one.ProcessorAffinity = 1 << core;
            }
            catch (Exception exception) when (exception is ArgumentException or Win32Exception && !Directory.Exists(thread))
            {
                // It has ended meanwhile.
            }
        }
    }
}
