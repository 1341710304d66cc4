using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Projections.TestServers;

/// <summary>
/// The memory that a worker has where it is deployed by the manifest that is shipped (<c>deploy/kubernetes/worker.yaml</c>). Whatever a
/// test starts as a process of its own has no more: what needs more would die there.
/// </summary>
public static partial class ShippedLimits
{
    /// <summary>How much of a container's memory .NET gives the heap when nobody says otherwise.</summary>
    private const double HeapShare = 0.75;

    /// <summary>What the heap of a worker may take at most, in bytes.</summary>
    public static long HeapBytes { get; } = (long)(ReadMegabytes() * 1024 * 1024 * HeapShare);

    /// <summary>Sets the limit for a .NET program that is about to be started, and for what it starts itself.</summary>
    public static void ApplyTo(ProcessStartInfo start) =>
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x" + HeapBytes.ToString("X", CultureInfo.InvariantCulture);

    private static long ReadMegabytes()
    {
        using var reader = new StreamReader(typeof(ShippedLimits).Assembly.GetManifestResourceStream("worker.yaml")!);
        var limit = WorkerLimit().Match(reader.ReadToEnd());
        return limit.Success
            ? long.Parse(limit.Groups[1].Value, CultureInfo.InvariantCulture) * (limit.Groups[2].Value == "Gi" ? 1024 : 1)
            : throw new InvalidOperationException("deploy/kubernetes/worker.yaml has no memory limit for the container that runs 'run'.");
    }

    [GeneratedRegex("""args: \["run"\].*?limits: \{ memory: (\d+)(Mi|Gi) \}""", RegexOptions.Singleline)]
    private static partial Regex WorkerLimit();
}
