using Projections.Benchmarks.Floor;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>Floor and rebuild of the same rows from the same events, measured in turn.</summary>
/// <param name="server">The server.</param>
/// <param name="database">The store.</param>
/// <param name="worker">The worker that rebuilds.</param>
/// <param name="rebuilding">Gives it the commands.</param>
/// <param name="events">How many events there are.</param>
internal sealed class FloorRace(BenchmarkServer server, BenchmarkDatabase database, WorkerProcess worker, Rebuilding rebuilding, int events)
{
    private const double Million = 1_000_000;

    private readonly List<double> _floor = [];
    private readonly List<double> _ours = [];
    private readonly List<double> _ratios = [];
    private readonly List<double> _peaks = [];
    private readonly List<double> _floorCpu = [];
    private readonly List<double> _ourCpu = [];

    /// <summary>The median rate of the rebuild, in events a second.</summary>
    public double Rate => Figure.Middle(_ours);

    public async Task RunAsync<TKey, TRow>(Func<PlainReplay<TKey, TRow>> floor, string projection, string key, int rounds, CancellationToken cancellationToken)
        where TKey : notnull
    {
        for (var round = 1; round <= rounds; round++)
        {
            var table = RunFloor(floor());
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var version = await RebuildAsync(projection, cancellationToken);
            _ratios.Add(_ours[^1] / _floor[^1]);
            Console.WriteLine(
                $"  {round}: floor {Figure.Text(_floor[^1])}/s, rebuild {Figure.Text(_ours[^1])}/s ({_ratios[^1]:0.00} of the floor, {_peaks[^1]:N0} MB): {Rebuilding.Story(version)}; load {Machine.Load():0.0}");
            if (round == 1)
            {
                await TableComparison.ProveEqualAsync(database, table, version.Id.Table, key, cancellationToken);
            }

            await rebuilding.AbortAsync(projection, 1, cancellationToken);
        }
    }

    public IEnumerable<Figure> Figures(string measurement, double goal, int memoryLimit) =>
    [
        Figure.Median(measurement, "floor", _floor, "events/s"),
        Figure.Median(measurement, "rebuild", _ours, "events/s"),
        Figure.Median(measurement, "rebuild to floor", _ratios, "ratio", atLeast: goal),
        Figure.Median(measurement, "peak memory", _peaks, "MB", atMost: memoryLimit),
        Figure.Median(measurement, "processor time of the floor", _floorCpu, "s a million events"),
        Figure.Median(measurement, "processor time of the rebuild", _ourCpu, "s a million events"),
    ];

    private string RunFloor<TKey, TRow>(PlainReplay<TKey, TRow> plain)
        where TKey : notnull
    {
        var (own, servers) = (Environment.CpuUsage.TotalTime, server.ProcessorTime);
        _floor.Add(events / plain.Run(database).TotalSeconds);
        _floorCpu.Add(Cpu("floor", Environment.CpuUsage.TotalTime - own, server.ProcessorTime - servers));
        return plain.Table;
    }

    private async Task<Catalog.VersionSnapshot> RebuildAsync(string projection, CancellationToken cancellationToken)
    {
        worker.ForgetPeakMemory();
        var (own, servers) = (worker.ProcessorTime, server.ProcessorTime);
        var version = await rebuilding.RunAsync(projection, 1, cancellationToken);
        _ourCpu.Add(Cpu("rebuild", worker.ProcessorTime - own, server.ProcessorTime - servers));
        _ours.Add(events / Rebuilding.TimeOf(version).TotalSeconds);
        _peaks.Add(worker.PeakMemoryMegabytes);
        return version;
    }

    private double Cpu(string what, TimeSpan client, TimeSpan servers)
    {
        var million = events / Million;
        Console.WriteLine($"     {what}: {client.TotalSeconds / million:0.00} s of processor time a million events, and {servers.TotalSeconds / million:0.00} s in the server");
        return (client + servers).TotalSeconds / million;
    }
}
