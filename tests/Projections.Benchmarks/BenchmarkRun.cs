using Projections.Benchmarks.Measurements;
using Projections.Benchmarks.Report;
using Projections.Benchmarks.Store;

namespace Projections.Benchmarks;

/// <summary>One run: the store, the measurements in order, and the report.</summary>
internal sealed class BenchmarkRun(BenchmarkOptions options)
{
    /// <returns>Whether every measurement could be made and the rebuilt tables were right.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        await using var server = await BenchmarkServer.StartAsync(options.Folder, cancellationToken);
        var machine = await Machine.LookAsync(server, cancellationToken);
        Console.WriteLine(machine);
        var figures = new List<Figure>();
        var failed = false;
        foreach (var measurement in options.Only.Select(name => Measurement.All.Single(one => one.Name == name)))
        {
            Console.WriteLine($"\n== {measurement.Name}: {measurement.What}");
            try
            {
                figures.AddRange(await measurement.RunAsync(new BenchmarkContext(server, options), cancellationToken));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                failed = true;
                Console.Error.WriteLine($"{measurement.Name} failed: {exception}");
            }
        }

        var report = new BenchmarkReport(DateTimeOffset.UtcNow, options.Events, machine with { LoadAfter = Machine.Load() }, figures);
        await report.SaveAsync(options.Output, cancellationToken);
        var before = options.Compare is { } file ? await BenchmarkReport.LoadAsync(file, cancellationToken) : null;
        FigureTable.Print(report, before);
        Console.WriteLine($"Written to {options.Output}.");
        return !failed;
    }
}
