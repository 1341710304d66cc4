using Npgsql;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Together;
using Projections.Benchmarks.Workers;
using Projections.Catalog;

namespace Projections.Benchmarks.Measurements;

/// <summary>Ten projections rebuilt from the same events: one after another, and all at once, which read history together.</summary>
internal sealed class TogetherMeasurement : Measurement
{
    private const int Versions = 10;

    // Ten times the rows of one rebuild.
    private const int MemoryLimit = 1024;

    private readonly List<double> _apart = [];
    private readonly List<double> _together = [];
    private readonly List<double> _ratios = [];
    private readonly List<double> _apartCpu = [];
    private readonly List<double> _togetherCpu = [];
    private readonly List<double> _peaks = [];

    public override string Name => "together";

    public override string What => "ten projections from the same events, one after another and all at once, in turn";

    private static IEnumerable<string> Names => Enumerable.Range(1, Versions).Select(NumberedInvoices.NameOf);

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(context.Options.Events, cancellationToken);
        var versions = VersionSets.Together(Versions);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(versions), MemoryLimit);
        await using var worker = await WorkerProcess.StartAsync(database, versions, MemoryLimit, cancellationToken);
        var rebuilding = new Rebuilding(program.System);
        for (var round = 1; round <= context.Options.Rounds; round++)
        {
            await MeasureAsync(context, worker, _apart, _apartCpu, () => OneAfterAnotherAsync(rebuilding, cancellationToken));
            var rows = await HashesAsync(database, cancellationToken);
            await AbortAsync(rebuilding, cancellationToken);
            worker.ForgetPeakMemory();
            await MeasureAsync(context, worker, _together, _togetherCpu, () => AllAtOnceAsync(rebuilding, cancellationToken));
            _peaks.Add(worker.PeakMemoryMegabytes);
            ProveEqual(rows.Concat(await HashesAsync(database, cancellationToken)));
            await AbortAsync(rebuilding, cancellationToken);
            _ratios.Add(_together[^1] / _apart[^1]);
            Console.WriteLine($"  {round}: one after another {Figure.Text(_apart[^1])} s, together {Figure.Text(_together[^1])} s ({_ratios[^1]:0.00}, {_peaks[^1]:N0} MB; processor {Figure.Text(_apartCpu[^1])} and {Figure.Text(_togetherCpu[^1])} s); load {Machine.Load():0.0}");
        }

        return
        [
            Figure.Median(Name, "one after another", _apart, "s"),
            Figure.Median(Name, "together", _together, "s"),
            Figure.Median(Name, "together to one after another", _ratios, "ratio", atMost: 0.45),
            Figure.Median(Name, "processor time, one after another", _apartCpu, "s"),
            Figure.Median(Name, "processor time, together", _togetherCpu, "s"),
            Figure.Median(Name, "peak memory, together", _peaks, "MB", atMost: MemoryLimit),
        ];
    }

    private static async Task MeasureAsync(BenchmarkContext context, WorkerProcess worker, List<double> seconds, List<double> processor, Func<Task<TimeSpan>> run)
    {
        var before = worker.ProcessorTime + context.Server.ProcessorTime;
        seconds.Add((await run()).TotalSeconds);
        processor.Add((worker.ProcessorTime + context.Server.ProcessorTime - before).TotalSeconds);
    }

    /// <returns>How long the rebuilds took, each from its command to ready.</returns>
    private static async Task<TimeSpan> OneAfterAnotherAsync(Rebuilding rebuilding, CancellationToken cancellationToken)
    {
        var took = TimeSpan.Zero;
        foreach (var name in Names)
        {
            took += Rebuilding.TimeOf(await rebuilding.RunAsync(name, 1, cancellationToken));
        }

        return took;
    }

    /// <returns>How long it took from the first command until the last was ready.</returns>
    private static async Task<TimeSpan> AllAtOnceAsync(Rebuilding rebuilding, CancellationToken cancellationToken)
    {
        foreach (var name in Names)
        {
            await rebuilding.AskAsync(name, 1, cancellationToken);
        }

        var ready = new List<VersionSnapshot>();
        foreach (var name in Names)
        {
            ready.Add(await rebuilding.ReadyAsync(name, 1, cancellationToken));
        }

        Console.WriteLine($"     the first of them: {Rebuilding.Story(ready[0])}; the last: {Rebuilding.Story(ready[^1])}");
        return ready.Max(version => version.ReadyAt!.Value) - ready.Min(version => version.RequestedAt);
    }

    private static async Task AbortAsync(Rebuilding rebuilding, CancellationToken cancellationToken)
    {
        foreach (var name in Names)
        {
            await rebuilding.AbortAsync(name, 1, cancellationToken);
        }
    }

    private static async Task<List<string>> HashesAsync(BenchmarkDatabase database, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        var hashes = new List<string>();
        foreach (var name in Names)
        {
            await using var command = new NpgsqlCommand($"select concat_ws(' ', count(*), sum(hashtextextended(t::text, 0))) from {name}_v1 t", connection);
            hashes.Add((string)(await command.ExecuteScalarAsync(cancellationToken))!);
        }

        return hashes;
    }

    private static void ProveEqual(IEnumerable<string> hashes)
    {
        if (hashes.Distinct().ToList() is { Count: > 1 } different)
        {
            throw new InvalidOperationException($"The tables differ: {string.Join("; ", different)}.");
        }
    }
}
