using Npgsql;
using Projections.Benchmarks.Load;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;
using Projections.LocalPostgres;
using Projections.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>What readers on the server with the events notice of a rebuild, where that server has a core and all else has another.</summary>
internal sealed class StandbyReadersMeasurement : Measurement
{
    private const int MemoryLimit = 512;
    private const int ReaderCount = 16;
    private const double Most = 2;
    private const int Primary = 0;
    private const int Others = 1;
    private const string Projection = "invoice_summary";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public override string Name => "standby-readers";

    public override string What =>
        $"{ReaderCount} readers, each some 50 times a second, and a writer of {Writer.EventsPerSecond} events/s on the primary, which has one core with them; the worker, the standby and another server have the other";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var store = await context.StoreAsync(context.Options.Events, cancellationToken);
        await using var standby = await context.Server.StartStandbyAsync(cancellationToken);
        await using var elsewhere = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { SharedBuffers = 1024, MaxWalSize = 8192 }, cancellationToken);
        await GoLiveAsync(store, cancellationToken);
        var replay = standby.ConnectionStringFor(new NpgsqlConnectionStringBuilder(store.ConnectionString).Database!);
        var apart = await elsewhere.CreateDatabaseAsync("read_models", cancellationToken);
        Core.Keep(Environment.ProcessId, Primary);
        context.Server.KeepTo(Primary);
        Core.Keep(BenchmarkServer.ProcessOf(standby), Others);
        Core.Keep(BenchmarkServer.ProcessOf(elsewhere), Others);

        await using var writer = Writer.Start(store);
        await using var readers = await Readers.StartAsync(store, ReaderCount, Pause, cancellationToken);
        var figures = new List<Figure>();
        foreach (var (what, places) in (IEnumerable<(string, Places)>)
            [
                ("into another server, history from the primary", new(store.ConnectionString, apart)),
                ("into another server, history from the standby", new(store.ConnectionString, apart, replay)),
                ("into the primary, history from itself", new(store.ConnectionString, store.ConnectionString)),
                ("into the primary, history from the standby", new(store.ConnectionString, store.ConnectionString, replay)),
            ])
        {
            figures.AddRange(await MeasureAsync(context, what, places, readers, cancellationToken));
        }

        return [.. figures, new Figure(Name, "failed reads", readers.Failed.Count, "reads", AtMost: 0)];
    }

    private async Task<IReadOnlyList<Figure>> MeasureAsync(BenchmarkContext context, string what, Places places, Readers readers, CancellationToken cancellationToken)
    {
        await using var program = await ProjectionProgram.OpenAsync(places, VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        var rebuilding = new Rebuilding(program.System);
        await using var worker = await WorkerProcess.StartAsync(places, VersionSets.Invoices, MemoryLimit, cancellationToken);
        Core.Keep(worker.Id, Others);
        List<double> before = [], during = [], ratios = [], rates = [];
        for (var round = 1; round <= context.Options.Rounds; round++)
        {
            await Task.Delay(Quiet / 5, cancellationToken);
            readers.Take();
            await Task.Delay(Quiet, cancellationToken);
            var quiet = readers.Take();
            var version = await rebuilding.RunAsync(Projection, 2, cancellationToken);
            var busy = readers.Take();
            await rebuilding.AbortAsync(Projection, 2, cancellationToken);
            before.Add(quiet.Percentile(0.99));
            during.Add(busy.Percentile(0.99));
            ratios.Add(during[^1] / before[^1]);
            rates.Add(context.Options.Events / Rebuilding.TimeOf(version).TotalSeconds);
            Console.WriteLine($"  {what}, {round}: before {quiet}; during {busy}; {rates[^1]:N0} events/s; load {Machine.Load():0.0}");
        }

        return
        [
            Figure.Median(Name, $"rebuild {what}", rates, "events/s"),
            Figure.Median(Name, "readers' p99 before", before, "ms"),
            Figure.Median(Name, "readers' p99 during it", during, "ms"),
            Figure.Median(Name, "during to before", ratios, "ratio", atMost: places.Replay is null ? null : Most),
        ];
    }

    private static async Task GoLiveAsync(BenchmarkDatabase store, CancellationToken cancellationToken)
    {
        await using var program = await ProjectionProgram.OpenAsync(store.ConnectionString, VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        await using var worker = Worker.Start(program.System);
        var rebuilding = new Rebuilding(program.System);
        await rebuilding.RunAsync(Projection, 1, cancellationToken);
        await rebuilding.SwitchAsync(Projection, 1, cancellationToken);
    }
}
