using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Projections.Workers;

namespace Projections.Benchmarks.Workers;

/// <summary>The worker in a process of its own, as it is in life, so that its memory and its processor time can be measured.</summary>
internal static class WorkerProgram
{
    public const string Verb = "worker";

    public const string ConnectionVariable = "BENCHMARK_CONNECTION";

    public const string Started = "started";

    /// <summary>Works until the input ends: when the parent wants it, and when the parent dies.</summary>
    /// <param name="args">What <see cref="WorkerProcess.StartAsync"/> was given.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var connection = Environment.GetEnvironmentVariable(ConnectionVariable)
            ?? throw new InvalidOperationException($"{ConnectionVariable} is not set.");
        var numbers = Array.ConvertAll(args[1..], number => double.Parse(number, CultureInfo.InvariantCulture));
        await using var program = await ProjectionProgram.OpenAsync(connection, VersionSets.Of(args[0]), (int)numbers[0], NullLoggerFactory.Instance, options =>
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
