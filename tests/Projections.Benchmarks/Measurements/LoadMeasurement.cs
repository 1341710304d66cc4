using Projections.Benchmarks.Load;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>A rebuild while a writer appends and readers query the live version: what each does to the other.</summary>
internal sealed class LoadMeasurement : Measurement
{
    private const int MemoryLimit = 512;
    private const int ReaderCount = 16;
    private const int Throttle = 100_000;
    private const double Most = 2;
    private const string Projection = "invoice_summary";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public override string Name => "load";

    public override string What => $"a rebuild while a writer appends {Writer.EventsPerSecond} events/s and {ReaderCount} readers query the live version, each some 50 times a second";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(context.Options.Events, cancellationToken);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        var worker = await WorkerProcess.StartAsync(database, VersionSets.Invoices, MemoryLimit, cancellationToken);
        var rebuilding = new Rebuilding(program.System);
        await rebuilding.RunAsync(Projection, 1, cancellationToken);
        await rebuilding.SwitchAsync(Projection, 1, cancellationToken);
        var alone = await RebuildAsync(rebuilding, null, cancellationToken);

        await using var writer = Writer.Start(database);
        await using var readers = await Readers.StartAsync(database, ReaderCount, Pause, cancellationToken);
        await Task.Delay(Quiet / 5, cancellationToken);
        readers.Take();
        await Task.Delay(Quiet, cancellationToken);
        var before = Told("before", readers.Take());
        var loaded = await RebuildAsync(rebuilding, null, cancellationToken);
        var during = Told("during the rebuild", readers.Take());
        await RebuildAsync(rebuilding, Throttle, cancellationToken);
        var throttled = Told($"during a rebuild held to {Throttle:N0} events/s", readers.Take());
        var limit = Math.Round(Most * before.Percentile(0.99), 1);
        await worker.DisposeAsync();
        await using var careful = await WorkerProcess.StartAsync(database, VersionSets.Invoices, MemoryLimit, cancellationToken, readersWithin: limit);
        readers.Take();
        var spared = await RebuildAsync(rebuilding, null, cancellationToken);
        var sparing = Told($"during a rebuild that lets one in a hundred wait {limit} ms", readers.Take());
        return
        [
            new Figure(Name, "rebuild without load", context.Options.Events / alone, "events/s"),
            new Figure(Name, "rebuild under load", context.Options.Events / loaded, "events/s"),
            new Figure(Name, "readers' p99 before", before.Percentile(0.99), "ms"),
            new Figure(Name, "readers' p99 during the rebuild", during.Percentile(0.99), "ms"),
            new Figure(Name, "readers' p99, during to before", during.Percentile(0.99) / before.Percentile(0.99), "ratio", AtMost: Most),
            new Figure(Name, $"readers' p99 during a rebuild held to {Throttle:N0}/s", throttled.Percentile(0.99), "ms"),
            new Figure(Name, "rebuild that spares the readers", context.Options.Events / spared, "events/s"),
            new Figure(Name, "readers' p99 during it", sparing.Percentile(0.99), "ms", AtMost: limit),
            new Figure(Name, "failed reads", readers.Failed.Count, "reads", AtMost: 0),
        ];
    }

    private static async Task<double> RebuildAsync(Rebuilding rebuilding, int? throttle, CancellationToken cancellationToken)
    {
        var version = await rebuilding.RunAsync(Projection, 2, cancellationToken, throttle);
        await rebuilding.AbortAsync(Projection, 2, cancellationToken);
        return Rebuilding.TimeOf(version).TotalSeconds;
    }

    private static Latencies Told(string when, Latencies latencies)
    {
        Console.WriteLine($"  reads {when}: {latencies}");
        return latencies;
    }
}
