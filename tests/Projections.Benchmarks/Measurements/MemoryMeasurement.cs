using Projections.Benchmarks.Entries.V1;
using Projections.Benchmarks.Floor;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>A rebuild of a projection with a row an event, whose rows do not fit the memory limit.</summary>
internal sealed class MemoryMeasurement : Measurement
{
    private const int MemoryLimit = 512;
    private const int SmallLimit = 256;
    private const int Times = 10;

    // Fewer rows than of so many events times ten would fit.
    private const int FewEvents = 300_000;

    public override string Name => "memory";

    public override string What => "a rebuild with ten times as many rows as the rebuild has events, which do not fit the memory limit";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        var limit = context.Options.Events < FewEvents ? SmallLimit : MemoryLimit;
        var events = context.Options.Events * Times;
        await using var database = await context.StoreAsync(events, cancellationToken);
        var versions = VersionSets.Entries(1);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(versions), limit);
        await using var worker = await WorkerProcess.StartAsync(database, versions, limit, cancellationToken);
        var race = new FloorRace(context.Server, database, worker, new Rebuilding(program.System), events);
        await race.RunAsync(() => new PlainEntries(), EntriesV1.DefaultName, "invoice, entry", rounds: 1, cancellationToken);
        return [.. race.Figures(Name, goal: 0.4, limit)];
    }
}
