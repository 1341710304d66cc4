using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Projections.Benchmarks.Store;

namespace Projections.Benchmarks.Workers;

/// <summary>A running <see cref="WorkerProgram"/>.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    /// <param name="database">The store.</param>
    /// <param name="versions">The set of versions.</param>
    /// <param name="memoryMegabytes">The memory limit.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <param name="partitions">In how many parts it folds; 0 for the default.</param>
    /// <param name="readersWithin">How long readers may wait, in milliseconds; 0 for as long as it takes.</param>
    /// <param name="heapMegabytes">What the heap may take at most; <c>null</c> for no limit.</param>
    /// <param name="together">Whether it follows all projections in one transaction.</param>
    public static Task<WorkerProcess> StartAsync(
        BenchmarkDatabase database, string versions, int memoryMegabytes, CancellationToken cancellationToken, int partitions = 0, double readersWithin = 0, int? heapMegabytes = null, bool together = false) =>
        StartAsync(new Places(database.ConnectionString, database.ConnectionString), versions, memoryMegabytes, cancellationToken, partitions, readersWithin, heapMegabytes, together);

    /// <inheritdoc cref="StartAsync(BenchmarkDatabase, string, int, CancellationToken, int, double, int?, bool)"/>
    public static async Task<WorkerProcess> StartAsync(
        Places places, string versions, int memoryMegabytes, CancellationToken cancellationToken, int partitions = 0, double readersWithin = 0, int? heapMegabytes = null, bool together = false)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            ArgumentList = { WorkerProgram.Verb, versions },
        };
        foreach (var number in (double[])[memoryMegabytes, partitions, readersWithin, together ? 1 : 0])
        {
            start.ArgumentList.Add(number.ToString(CultureInfo.InvariantCulture));
        }

        start.Environment[WorkerProgram.PlacesVariable] = JsonSerializer.Serialize(places);
        if (heapMegabytes is { } heap)
        {
            start.Environment["DOTNET_GCHeapHardLimit"] = string.Create(CultureInfo.InvariantCulture, $"0x{heap * 1024 * 1024:X}");
        }

        var worker = new WorkerProcess(Process.Start(start)!);
        if (await worker._process.StandardOutput.ReadLineAsync(cancellationToken) != WorkerProgram.Started)
        {
            throw new InvalidOperationException($"The worker process did not start; it ended with {worker._process.ExitCode}.");
        }

        return worker;
    }

    public int Id => _process.Id;

    /// <summary>The processor time that it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The most memory that it ever had in use at once, in megabytes, since <see cref="ForgetPeakMemory"/>.</summary>
    public double PeakMemoryMegabytes => Status("VmHWM:");

    /// <summary>The memory that it has in use, in megabytes.</summary>
    public double MemoryMegabytes => Status("VmRSS:");

    // "5" resets the peak: see proc(5), clear_refs.
    public void ForgetPeakMemory() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public void MustRun()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The worker process ended with {_process.ExitCode}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private double Status(string name) => File.ReadLines($"/proc/{_process.Id}/status")
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024)
        .Single();
}
