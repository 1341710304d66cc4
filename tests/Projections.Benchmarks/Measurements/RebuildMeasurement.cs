using Projections.Benchmarks.Floor;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>The rebuild of <c>invoice_summary</c>, from the command to <c>ready</c>, against the floor.</summary>
internal sealed class RebuildMeasurement : Measurement
{
    private const int MemoryLimit = 512;

    public override string Name => "rebuild";

    public override string What => "a rebuild from the command to ready, and the floor, in turn";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(context.Options.Events, cancellationToken);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        await using var worker = await WorkerProcess.StartAsync(database, VersionSets.Invoices, MemoryLimit, cancellationToken);
        var race = new FloorRace(context.Server, database, worker, new Rebuilding(program.System), context.Options.Events);
        await race.RunAsync(() => new PlainInvoices(), "invoice_summary", "invoice_id", context.Options.Rounds, cancellationToken);
        return [.. race.Figures(Name, goal: 1.0, MemoryLimit)];
    }
}
