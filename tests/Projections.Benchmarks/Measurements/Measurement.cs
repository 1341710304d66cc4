using Projections.Benchmarks.Report;

namespace Projections.Benchmarks.Measurements;

/// <summary>One thing that is measured.</summary>
internal abstract class Measurement
{
    public static IReadOnlyList<Measurement> All { get; } =
        [new RebuildMeasurement(), new TogetherMeasurement(), new StandbyMeasurement(), new StandbyReadersMeasurement(), new LargeMeasurement(), new MemoryMeasurement(), new PartitionMeasurement(), new ShardMeasurement(), new DocumentMeasurement(), new LoadMeasurement(), new FollowingMeasurement(), new WaitMeasurement(), new TailMeasurement(), new SwitchMeasurement(), new VerifyMeasurement(), new SeedMeasurement(), new MigrationMeasurement(), new DatabasesMeasurement()];

    /// <summary>By this it is chosen, and found in an earlier report.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, for people.</summary>
    public abstract string What { get; }

    public abstract Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken);
}
