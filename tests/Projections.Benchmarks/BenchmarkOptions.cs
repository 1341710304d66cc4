using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Projections.Benchmarks.Measurements;

namespace Projections.Benchmarks;

/// <summary>What is to be measured.</summary>
internal sealed record BenchmarkOptions
{
    public const string Usage =
        """
        dotnet run -c Release --project tests/Projections.Benchmarks -- [options]
          --only a,b       which measurements: rebuild, together, standby, standby-readers, large, memory, partitions, shards, documents, load, following, waits, tail, switch, verify, seed, migrations, databases; all without it
          --events N       events of the rebuild (1000000); 'large', 'memory' and 'verify' take ten times as many
          --rounds N       how often floor and rebuild are measured in turn (3)
          --minutes N      how long 'tail' follows, twice (10)
          --fed only       of 'following', only what has feeds
          --output FILE    where the JSON goes (artifacts/benchmark.json)
          --compare FILE   JSON of an earlier run to compare with
          --folder PATH    keeps the cluster and its events there for the next run
        """;

    /// <summary>Events of the store that the rebuild is measured on. The default is a million.</summary>
    public int Events { get; init; } = 1_000_000;

    /// <summary>The names of the measurements, in order.</summary>
    public IReadOnlyList<string> Only { get; init; } = [.. Measurement.All.Select(measurement => measurement.Name)];

    /// <summary>How often floor and rebuild are measured in turn; medians are reported. The default is 3.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>How long is followed where it is about the memory. The default is ten minutes.</summary>
    public TimeSpan FollowFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether following is measured with feeds alone.</summary>
    public bool FedOnly { get; init; }

    public string Output { get; init; } = Path.Combine("artifacts", "benchmark.json");

    public string? Compare { get; init; }

    /// <summary>Where the cluster is kept; <c>null</c>: in a temporary folder that is removed in the end.</summary>
    public string? Folder { get; init; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out BenchmarkOptions? options, [NotNullWhen(false)] out string? problem)
    {
        options = new BenchmarkOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || options.With(args[i], args[i + 1]) is not { } next)
            {
                problem = $"'{string.Join(' ', args[i..Math.Min(i + 2, args.Length)])}' is not understood.";
                options = null;
                return false;
            }

            options = next;
        }

        problem = null;
        return true;
    }

    private BenchmarkOptions? With(string name, string value) => name switch
    {
        "--only" when value.Split(',') is var only && only.All(one => Measurement.All.Any(measurement => measurement.Name == one)) => this with { Only = only },
        "--events" when TryNumber(value, 1_000, out var events) => this with { Events = events },
        "--rounds" when TryNumber(value, 1, out var rounds) => this with { Rounds = rounds },
        "--minutes" when TryNumber(value, 1, out var minutes) => this with { FollowFor = TimeSpan.FromMinutes(minutes) },
        "--fed" when value == "only" => this with { FedOnly = true },
        "--output" => this with { Output = value },
        "--compare" => this with { Compare = value },
        "--folder" => this with { Folder = value },
        _ => null,
    };

    private static bool TryNumber(string text, int least, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least;
}
