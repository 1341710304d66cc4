using Projections.Benchmarks.Partitions;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>What folding in two partitions brings when the handler is what takes the time.</summary>
internal sealed class PartitionMeasurement : Measurement
{
    private const int MemoryLimit = 512;

    public override string Name => "partitions";

    public override string What => "a rebuild with a handler that computes much, in one partition and in two";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(context.Options.Events, cancellationToken);
        var one = await RateAsync(context, database, HeavyHandler.ByStream, 1, cancellationToken);
        var two = await RateAsync(context, database, HeavyHandler.ByStream, 2, cancellationToken);
        var crossing = await RateAsync(context, database, HeavyHandler.ByKey, 2, cancellationToken);
        return
        [
            new Figure(Name, "one partition", one, "events/s"),
            new Figure(Name, "two partitions", two, "events/s"),
            new Figure(Name, "two to one", two / one, "ratio"),
            new Figure(Name, "two asked for, keys across streams", crossing, "events/s"),
        ];
    }

    private static async Task<double> RateAsync(BenchmarkContext context, BenchmarkDatabase database, string projection, int partitions, CancellationToken cancellationToken)
    {
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Heavy), MemoryLimit);
        await using var worker = await WorkerProcess.StartAsync(database, VersionSets.Heavy, MemoryLimit, cancellationToken, partitions);
        var rebuilding = new Rebuilding(program.System);
        var rates = new List<double>();
        for (var round = 0; round < context.Options.Rounds; round++)
        {
            var version = await rebuilding.RunAsync(projection, 1, cancellationToken);
            rates.Add(context.Options.Events / Rebuilding.TimeOf(version).TotalSeconds);
            await rebuilding.AbortAsync(projection, 1, cancellationToken);
        }

        Console.WriteLine($"  {projection}, {partitions} asked for: {string.Join(", ", rates.Select(Figure.Text))} events/s; load {Machine.Load():0.0}");
        return Figure.Middle(rates);
    }
}
