using System.Runtime.InteropServices;
using Projections.Benchmarks.Store;

namespace Projections.Benchmarks.Report;

/// <summary>What a run ran on, without which its figures say nothing.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Cores">How many cores this process may use.</param>
/// <param name="MemoryMegabytes">How much memory there is.</param>
/// <param name="System">The operating system.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="PostgreSql">The server's version.</param>
/// <param name="LoadBefore">The load average of the last minute when the run began: what else the machine did.</param>
/// <param name="LoadAfter">The same when it ended; the run itself is in it.</param>
internal sealed record Machine(
    string Processor, int Cores, long MemoryMegabytes, string System, string Runtime, string PostgreSql, double LoadBefore, double LoadAfter)
{
    public static async Task<Machine> LookAsync(BenchmarkServer server, CancellationToken cancellationToken) => new(
        ProcessorName(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        await server.VersionAsync(cancellationToken),
        Load(),
        Load());

    /// <summary>The load average of the last minute; 0 where the system does not tell.</summary>
    public static double Load() => File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], global::System.Globalization.CultureInfo.InvariantCulture)
        : 0;

    public override string ToString() =>
        $"{Processor}, {Cores} cores, {MemoryMegabytes:N0} MB; {System}; {Runtime}; PostgreSQL {PostgreSql}; load {LoadBefore:0.0} before, {LoadAfter:0.0} after";

    private static string ProcessorName() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"
        : RuntimeInformation.ProcessArchitecture.ToString();
}
