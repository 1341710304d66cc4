using Projections.Benchmarks.Floor;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>The same rebuild with ten times as many events: the rate must hold, and the memory too.</summary>
internal sealed class LargeMeasurement : Measurement
{
    private const int MemoryLimit = 512;
    private const int Times = 10;

    public override string Name => "large";

    public override string What => "the same with ten times as many events";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        var small = await RateAsync(context, context.Options.Events, context.Options.Rounds, cancellationToken);
        var large = await RateAsync(context, context.Options.Events * Times, rounds: 1, cancellationToken);
        return
        [
            .. large.Figures(Name, goal: 0.8, MemoryLimit),
            new Figure(Name, "rate to that of the small store", large.Rate / small.Rate, "ratio", AtLeast: 0.9),
        ];
    }

    private static async Task<FloorRace> RateAsync(BenchmarkContext context, int events, int rounds, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(events, cancellationToken);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        await using var worker = await WorkerProcess.StartAsync(database, VersionSets.Invoices, MemoryLimit, cancellationToken);
        var race = new FloorRace(context.Server, database, worker, new Rebuilding(program.System), events);
        await race.RunAsync(() => new PlainInvoices(), "invoice_summary", "invoice_id", rounds, cancellationToken);
        return race;
    }
}
