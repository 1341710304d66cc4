using System.Diagnostics;
using Projections.Benchmarks.Load;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Workers;

namespace Projections.Benchmarks.Measurements;

/// <summary>What readers notice of a switch.</summary>
internal sealed class SwitchMeasurement : Measurement
{
    private const int StoreEvents = 100_000;
    private const int MemoryLimit = 512;
    private const int ReaderCount = 16;
    private const int Switches = 100;
    private const double Stall = 20;
    private const string Projection = "invoice_summary";

    public override string Name => "switch";

    public override string What => $"{Switches} switches under {ReaderCount} readers that query as fast as they can";

    public override async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkContext context, CancellationToken cancellationToken)
    {
        await using var database = await context.StoreAsync(StoreEvents, cancellationToken);
        await using var program = await ProjectionProgram.OpenAsync(database.ConnectionString, VersionSets.Of(VersionSets.Invoices), MemoryLimit);
        await using var worker = await WorkerProcess.StartAsync(database, VersionSets.Invoices, MemoryLimit, cancellationToken);
        var rebuilding = new Rebuilding(program.System);
        await rebuilding.RunAsync(Projection, 1, cancellationToken);
        await rebuilding.SwitchAsync(Projection, 1, cancellationToken);
        await rebuilding.RunAsync(Projection, 2, cancellationToken);

        await using var readers = await Readers.StartAsync(database, ReaderCount, TimeSpan.Zero, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        readers.Take();
        var began = Stopwatch.GetTimestamp();
        var attempts = 0;
        for (var i = 0; i < Switches; i++)
        {
            attempts += (await rebuilding.SwitchAsync(Projection, 2 - (i % 2), cancellationToken)).Attempts;
        }

        var length = Stopwatch.GetElapsedTime(began);
        var during = readers.Take();
        Console.WriteLine($"  {Switches} switches in {length.TotalSeconds:0.0} s, {attempts} attempts; reads {during}");
        await Task.Delay(length, cancellationToken);
        var without = readers.Take();
        Console.WriteLine($"  as long without switches: reads {without}; {readers.Failed.Count} failed {readers.Failed.First}");
        return
        [
            new Figure(Name, "failed reads", readers.Failed.Count, "reads", AtMost: 0),
            new Figure(Name, "longest read", during.Max, "ms", AtMost: 50),
            new Figure(Name, $"reads over {Stall:0} ms", during.LongerThan(Stall), "reads"),
            new Figure(Name, "longest read without switches", without.Max, "ms"),
            new Figure(Name, $"reads over {Stall:0} ms without switches", without.LongerThan(Stall), "reads"),
            new Figure(Name, "reads a second", during.Count / length.TotalSeconds, "reads/s"),
            new Figure(Name, "a switch", length.TotalMilliseconds / Switches, "ms"),
        ];
    }
}
