using Projections.Benchmarks.Floor;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>Floor and rebuild of the same rows from the same events, measured in turn.</summary>
/// <param name="database">The store.</param>
/// <param name="worker">The worker that rebuilds.</param>
/// <param name="rebuilding">Gives it the commands.</param>
/// <param name="events">How many events there are.</param>
internal sealed class FloorRace(BenchmarkDatabase database, WorkerProcess worker, Rebuilding rebuilding, int events)
{
    private readonly List<double> _floor = [];
    private readonly List<double> _ours = [];
    private readonly List<double> _ratios = [];
    private readonly List<double> _peaks = [];

    /// <summary>The median rate of the rebuild, in events a second.</summary>
    public double Rate => Figure.Middle(_ours);

    public async Task RunAsync<TKey, TRow>(Func<PlainReplay<TKey, TRow>> floor, string projection, string key, int rounds, CancellationToken cancellationToken)
        where TKey : notnull
    {
        for (var round = 1; round <= rounds; round++)
        {
            var plain = floor();
            var plainTime = plain.Run(database);
            var version = await RebuildAsync(projection, cancellationToken);
            var ourTime = Rebuilding.TimeOf(version);
            _floor.Add(events / plainTime.TotalSeconds);
            _ours.Add(events / ourTime.TotalSeconds);
            _ratios.Add(plainTime / ourTime);
            _peaks.Add(worker.PeakMemoryMegabytes);
            Console.WriteLine(
                $"  {round}: floor {plainTime.TotalMilliseconds:N0} ms, rebuild {ourTime.TotalMilliseconds:N0} ms ({_ratios[^1]:0.00} of the floor, {_peaks[^1]:N0} MB): {Rebuilding.Story(version)}; load {Machine.Load():0.0}");
            if (round == 1)
            {
                await TableComparison.ProveEqualAsync(database, plain.Table, version.Id.Table, key, cancellationToken);
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
    ];

    private async Task<Catalog.VersionSnapshot> RebuildAsync(string projection, CancellationToken cancellationToken)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        worker.ForgetPeakMemory();
        return await rebuilding.RunAsync(projection, 1, cancellationToken);
    }
}
