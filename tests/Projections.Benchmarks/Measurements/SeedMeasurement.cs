using System.Diagnostics;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Seeds;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;
using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Benchmarks.Measurements;

/// <summary>A version that begins with the rows of the live one: against the plain statements that would do the same, and against a replay.</summary>
internal sealed class SeedMeasurement : Measurement
{
    private const int MemoryLimit = 512;
    private const string Projection = "invoice_summary";

    private readonly List<double> _plain = [];
    private readonly List<double> _filled = [];
    private readonly List<double> _ready = [];
    private readonly List<double> _filledRatios = [];
    private readonly List<double> _readyRatios = [];
    private readonly List<double> _proofs = [];
    private readonly List<double> _replays = [];

    public override string Name => "seed";

    public override string What => "a version with one more column, seeded from the live one: against INSERT … SELECT and indexes, and against a replay";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(context.Options.Events, cancellationToken);
        await MeasureAsync(database, VersionSets.Seeded, context.Options.Rounds, SeedAsync, cancellationToken);
        await MeasureAsync(database, VersionSets.NotSeeded, 1, ReplayAsync, cancellationToken);
        return
        [
            Figure.Median(Name, "INSERT … SELECT, key, indexes", _plain, "s"),
            Figure.Median(Name, "seeded and indexed", _filled, "s"),
            Figure.Median(Name, "seeded until ready", _ready, "s"),
            Figure.Median(Name, "seeded and indexed by plain", _filledRatios, "x", atMost: 1.5),
            Figure.Median(Name, "seeded until ready by plain", _readyRatios, "x", atMost: 1.5),
            Figure.Median(Name, "proof", _proofs, "s"),
            Figure.Median(Name, "replayed until ready", _replays, "s"),
        ];
    }

    private static async Task MeasureAsync(
        BenchmarkDatabase database, string versions, int rounds, Func<BenchmarkDatabase, Rebuilding, CancellationToken, Task<VersionSnapshot>> measure, CancellationToken cancellationToken)
    {
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(versions), MemoryLimit);
        await using var worker = await WorkerProcess.StartAsync(database, versions, MemoryLimit, cancellationToken);
        var rebuilding = new Rebuilding(program.System);
        if ((await program.System.Catalog.ReadAsync(new ProjectionName(Projection), cancellationToken))?.Live is null)
        {
            await rebuilding.RunAsync(Projection, 1, cancellationToken);
            await rebuilding.SwitchAsync(Projection, 1, cancellationToken);
            await database.ExecuteAsync("vacuum analyze invoice_summary_v1", cancellationToken);
        }

        for (var round = 1; round <= rounds; round++)
        {
            await measure(database, rebuilding, cancellationToken);
            await rebuilding.AbortAsync(Projection, 2, cancellationToken);
        }
    }

    private async Task<VersionSnapshot> SeedAsync(BenchmarkDatabase database, Rebuilding rebuilding, CancellationToken cancellationToken)
    {
        await database.ExecuteAsync("checkpoint", cancellationToken);
        var began = Stopwatch.GetTimestamp();
        await database.ExecuteAsync($"begin; {GrossInvoices.Create("plain")}; {GrossInvoices.Fill("plain")}; {GrossInvoices.Index("plain")}; analyze plain; commit", cancellationToken);
        _plain.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        await database.ExecuteAsync("drop table plain; checkpoint", cancellationToken);
        var version = await rebuilding.RunAsync(Projection, 2, cancellationToken);
        _filled.Add((version.ReplayedAt - version.StartedAt)!.Value.TotalSeconds);
        _ready.Add(Rebuilding.TimeOf(version).TotalSeconds);
        _filledRatios.Add(_filled[^1] / _plain[^1]);
        _readyRatios.Add(_ready[^1] / _plain[^1]);
        _proofs.Add(await ProofAsync(database, version, cancellationToken));
        var rows = await database.ScalarAsync<long>("select count(*) from invoice_summary_v2", cancellationToken);
        Console.WriteLine($"  {rows:N0} rows: plain {_plain[^1]:0.00} s; {Rebuilding.Story(version)} ({_filledRatios[^1]:0.00} indexed, {_readyRatios[^1]:0.00} ready); proof {_proofs[^1]:0.00} s; load {Machine.Load():0.0}");
        return version;
    }

    private async Task<VersionSnapshot> ReplayAsync(BenchmarkDatabase database, Rebuilding rebuilding, CancellationToken cancellationToken)
    {
        var version = await rebuilding.RunAsync(Projection, 2, cancellationToken);
        _replays.Add(Rebuilding.TimeOf(version).TotalSeconds);
        Console.WriteLine($"  replayed: {Rebuilding.Story(version)}");
        return version;
    }

    /// <returns>How long it took from ready to the proof, in seconds.</returns>
    private static async Task<double> ProofAsync(BenchmarkDatabase database, VersionSnapshot version, CancellationToken cancellationToken)
    {
        while (!await database.ScalarAsync<bool>("select seed_agrees is not null from projections.version where number = 2", cancellationToken))
        {
            await Task.Delay(20, cancellationToken);
        }

        if (!await database.ScalarAsync<bool>("select seed_agrees from projections.version where number = 2", cancellationToken))
        {
            throw new InvalidOperationException($"{version.Id}: {await database.ScalarAsync<string>("select seed_finding from projections.version where number = 2", cancellationToken)}");
        }

        return await database.ScalarAsync<double>(
            "select extract(epoch from max(t.at) - v.ready_at)::float8 from projections.transition t join projections.version v using (projection, number) where number = 2 group by v.ready_at",
            cancellationToken);
    }
}
