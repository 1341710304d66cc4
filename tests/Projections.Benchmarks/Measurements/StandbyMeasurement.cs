using Npgsql;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;
using Projections.LocalPostgres;
using Projections.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>What a rebuild costs the server with the events, whose read models are elsewhere: with history from a streaming standby, and without.</summary>
internal sealed class StandbyMeasurement : Measurement
{
    private const int MemoryLimit = 512;
    private const double Most = 0.05;
    private const string Projection = "invoice_summary";

    private readonly List<double> _without = [];
    private readonly List<double> _with = [];
    private readonly List<double> _secondsWithout = [];
    private readonly List<double> _secondsWith = [];
    private readonly List<double> _shares = [];

    public override string Name => "standby";

    public override string What => "a rebuild into another server, with history from the primary and from its standby, in turn";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var store = await context.StoreAsync(context.Options.Events, cancellationToken);
        await using var standby = await context.Server.StartStandbyAsync(cancellationToken);
        await using var readModels = await LocalPostgresCluster.StartAsync(new LocalPostgresOptions { SharedBuffers = 1024, MaxWalSize = 8192 }, cancellationToken);
        var replay = standby.ConnectionStringFor(new NpgsqlConnectionStringBuilder(store.ConnectionString).Database!);
        for (var round = 1; round <= context.Options.Rounds; round++)
        {
            await MeasureAsync(context, store, null, await readModels.CreateDatabaseAsync($"without_{round}", cancellationToken), _without, _secondsWithout, cancellationToken);
            await MeasureAsync(context, store, replay, await readModels.CreateDatabaseAsync($"with_{round}", cancellationToken), _with, _secondsWith, cancellationToken);
            _shares.Add(_with[^1] / _without[^1]);
            Console.WriteLine(
                $"  {round}: primary's processor {_without[^1]:0.00} s without, {_with[^1]:0.00} s with ({_shares[^1]:0.000}); the rebuild {Figure.Text(_secondsWithout[^1])} and {Figure.Text(_secondsWith[^1])} s; load {Machine.Load():0.0}");
        }

        return
        [
            Figure.Median(Name, "primary's processor time without", _without, "s"),
            Figure.Median(Name, "primary's processor time with", _with, "s"),
            Figure.Median(Name, "primary's processor time, with to without", _shares, "ratio", atMost: Most),
            Figure.Median(Name, "rebuild without", _secondsWithout, "s"),
            Figure.Median(Name, "rebuild with", _secondsWith, "s"),
        ];
    }

    private static async Task MeasureAsync(
        BenchmarkContext context, BenchmarkDatabase store, string? standby, string readModels, List<double> processor, List<double> seconds, CancellationToken cancellationToken)
    {
        await using var program = await ProjectionProgram.OpenAsync(new Places(store.ConnectionString, readModels, standby), VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        await using var worker = Worker.Start(program.System);
        var before = context.Server.ProcessorTime;
        seconds.Add(Rebuilding.TimeOf(await new Rebuilding(program.System).RunAsync(Projection, 1, cancellationToken)).TotalSeconds);
        processor.Add((context.Server.ProcessorTime - before).TotalSeconds);
    }
}
