using Projections.Benchmarks.Load;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>What a worker keeps in memory while it follows for long: many events in large commits, and few in the smallest.</summary>
internal sealed class TailMeasurement : Measurement
{
    private const int StoreEvents = 10_000;
    private const int Projections = 20;
    private const int HeapLimit = 256;
    private const double Goal = 150;

    public override string Name => "tail";

    public override string What => $"memory while {Projections} projections are followed for long, under a heap limit of {HeapLimit} MB";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken) =>
    [
        await FollowAsync(context, Writer.EventsAtOnce, $"{Writer.EventsPerSecond} events/s", cancellationToken),
        await FollowAsync(context, eventsAtOnce: 1, "an event each 10 ms", cancellationToken),
    ];

    private async Task<Figure> FollowAsync(BenchmarkContext context, int eventsAtOnce, string name, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(StoreEvents, cancellationToken);
        await using var follower = await Follower.StartAsync(database, Projections, cancellationToken, HeapLimit);
        follower.Worker.ForgetPeakMemory();
        int written;
        await using (var writer = Writer.Start(database, eventsAtOnce))
        {
            await Task.Delay(context.Options.FollowFor, cancellationToken);
            written = await writer.StopAsync();
        }

        await follower.UntilRowsAsync(StoreEvents + written, cancellationToken);
        Console.WriteLine($"  {name}: {written:N0} events in {context.Options.FollowFor}, in memory {follower.Worker.MemoryMegabytes:N0} MB at the end");
        return new Figure(Name, $"peak memory, {name}", follower.Worker.PeakMemoryMegabytes, "MB", AtMost: Goal);
    }
}
