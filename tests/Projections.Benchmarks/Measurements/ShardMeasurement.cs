using System.Globalization;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;
using Projections.Events;

namespace Projections.Benchmarks.Measurements;

/// <summary>
/// What it costs to cut a rebuild in two: a worker with two partitions, and two workers with one shard and one partition each, in turn. Beside it, what a server spends on sending a share of
/// history, of which the model in docs/scale.md is made.
/// </summary>
internal sealed class ShardMeasurement : Measurement
{
    private const int MemoryLimit = 512;
    private const double Million = 1_000_000;
    private const double Most = 1.10;

    // What a process runs for the first time it compiles, and what it runs often it compiles anew: with one rebuild before, two workers of which each folds half of it spent twice the time of one.
    private const int BeforeMeasured = 4;
    private const string Projection = "invoice_summary";

    private readonly Course _whole = new("one worker, two partitions");
    private readonly Course _cut = new("two workers, a shard each");

    public override string Name => "shards";

    public override string What => "a rebuild by one worker in two partitions, and by two workers with a shard each, in turn";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(context.Options.Events, cancellationToken);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        for (var round = 1; round <= context.Options.Rounds; round++)
        {
            await MeasureAsync(context, database, program.System, _whole, workers: 1, partitions: 2, cancellationToken);
            await MeasureAsync(context, database, program.System, _cut, workers: 2, partitions: 1, cancellationToken);
            Console.WriteLine(
                $"  {round}: whole {Figure.Text(_whole.Seconds[^1])} s, in shards {Figure.Text(_cut.Seconds[^1])} s ({_cut.Seconds[^1] / _whole.Seconds[^1]:0.00}); processor a million events: workers {_whole.OfWorkers[^1]:0.00} and {_cut.OfWorkers[^1]:0.00} s, server {_whole.OfServer[^1]:0.00} and {_cut.OfServer[^1]:0.00} s; load {Machine.Load():0.0}");
        }

        return
        [
            .. _whole.Figures(Name),
            .. _cut.Figures(Name),
            Figure.Median(Name, "shards to partitions", [.. _cut.Seconds.Zip(_whole.Seconds, (cut, whole) => cut / whole)], "ratio", atMost: Most),
            .. await SendingAsync(context, program.System, cancellationToken),
        ];
    }

    private async Task MeasureAsync(
        BenchmarkContext context, BenchmarkDatabase database, ProjectionSystem system, Course course, int workers, int partitions, CancellationToken cancellationToken)
    {
        var running = new List<WorkerProcess>();
        try
        {
            foreach (var _ in Enumerable.Range(0, workers))
            {
                running.Add(await WorkerProcess.StartAsync(database, VersionSets.Invoices, MemoryLimit, cancellationToken, partitions));
            }

            var rebuilding = new Rebuilding(system);
            for (var before = 0; before < BeforeMeasured * workers; before++)
            {
                await rebuilding.RunAsync(Projection, 1, cancellationToken, shards: workers);
                await rebuilding.AbortAsync(Projection, 1, cancellationToken);
            }

            var (own, servers) = (running.Sum(worker => worker.ProcessorTime.TotalSeconds), context.Server.ProcessorTime);
            var version = await rebuilding.RunAsync(Projection, 1, cancellationToken, shards: workers);
            var millions = context.Options.Events / Million;
            course.Seconds.Add(Rebuilding.TimeOf(version).TotalSeconds);
            course.OfWorkers.Add((running.Sum(worker => worker.ProcessorTime.TotalSeconds) - own) / millions);
            course.OfServer.Add((context.Server.ProcessorTime - servers).TotalSeconds / millions);
            await rebuilding.AbortAsync(Projection, 1, cancellationToken);
        }
        finally
        {
            foreach (var worker in running)
            {
                await worker.DisposeAsync();
            }
        }
    }

    /// <summary>What the server and the reader spend on a share of history that is read and thrown away.</summary>
    private async Task<IReadOnlyList<Figure>> SendingAsync(BenchmarkContext context, ProjectionSystem system, CancellationToken cancellationToken)
    {
        var filter = system.Registry.Versions[0].Filter;
        var head = (await system.Source.GetSafeHeadAsync(cancellationToken)).Position;
        var figures = new List<Figure>();
        foreach (var parts in (int[])[1, 2, 8])
        {
            var (servers, readers) = (new List<double>(), new List<double>());
            var share = StreamShare.All(asUuids: true).Split(parts)[0];
            // The first finds pages that nobody has read.
            foreach (var round in Enumerable.Range(0, context.Options.Rounds + 1))
            {
                var (server, reader) = (context.Server.ProcessorTime, Environment.CpuUsage.TotalTime);
                await foreach (var batch in system.Source.ReadAsync(EventPosition.BeforeFirst, head, filter with { Share = share }, cancellationToken))
                {
                    batch.Dispose();
                }

                if (round > 0)
                {
                    servers.Add((context.Server.ProcessorTime - server).TotalSeconds / (context.Options.Events / Million));
                    readers.Add((Environment.CpuUsage.TotalTime - reader).TotalSeconds / (context.Options.Events / Million));
                }
            }

            var what = parts == 1 ? "all" : string.Create(CultureInfo.InvariantCulture, $"1/{parts}");
            figures.Add(Figure.Median(Name, $"server's processor for sending {what}", servers, "s a million events of history"));
            figures.Add(Figure.Median(Name, $"reader's processor for {what}", readers, "s a million events of history"));
            Console.WriteLine($"  sending {what}: server {Figure.Middle(servers):0.00} s, reader {Figure.Middle(readers):0.00} s of processor time a million events of history");
        }

        return figures;
    }

    /// <summary>What was measured of one of the two.</summary>
    private sealed record Course(string Name)
    {
        public List<double> Seconds { get; } = [];

        public List<double> OfWorkers { get; } = [];

        public List<double> OfServer { get; } = [];

        public IEnumerable<Figure> Figures(string measurement) =>
        [
            Figure.Median(measurement, Name, Seconds, "s"),
            Figure.Median(measurement, $"{Name}: workers' processor", OfWorkers, "s a million events"),
            Figure.Median(measurement, $"{Name}: server's processor", OfServer, "s a million events"),
        ];
    }
}
