using System.Globalization;
using System.Text.Json;
using Projections.Workers;

namespace Projections.Benchmarks.Workers;

/// <summary>The worker in a process of its own, as it is in life, so that its memory and its processor time can be measured.</summary>
internal static class WorkerProgram
{
    public const string Verb = "worker";

    /// <summary><see cref="Places"/> as JSON.</summary>
    public const string PlacesVariable = "BENCHMARK_PLACES";

    public const string Started = "started";

    /// <summary>Works until the input ends: when the parent wants it, and when the parent dies.</summary>
    /// <param name="args">What <see cref="WorkerProcess.StartAsync"/> was given.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var places = Environment.GetEnvironmentVariable(PlacesVariable)
            ?? throw new InvalidOperationException($"{PlacesVariable} is not set.");
        var numbers = Array.ConvertAll(args[1..], number => double.Parse(number, CultureInfo.InvariantCulture));
        await using var program = await ProjectionProgram.OpenAsync(JsonSerializer.Deserialize<Places>(places)!, VersionSets.Of(args[0]), (int)numbers[0], options =>
        {
            options.ReplayPartitions = numbers[1] > 0 ? (int)numbers[1] : options.ReplayPartitions;
            options.ReaderLatencyLimit = numbers[2] > 0 ? TimeSpan.FromMilliseconds(numbers[2]) : null;
            options.FollowTogether = numbers[3] > 0 ? "*" : "";
        });
        await using var worker = Worker.Start(program.System);
        Console.WriteLine(Started);
        await Console.In.ReadLineAsync();
        return 0;
    }
}
