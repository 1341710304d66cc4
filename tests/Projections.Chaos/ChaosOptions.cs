using System.Globalization;

namespace Projections.Chaos;

/// <summary>How long a run is, and what it is made of.</summary>
internal sealed record ChaosOptions
{
    /// <summary>The first argument of the program when it is to be a worker or a command: what follows is a line of <c>projections</c>.</summary>
    public const string WorkerVerb = "projections";

    public const string Usage =
        """
        Usage: eng/chaos.sh MINUTES [--seed N] [--workers N] [--pause SECONDS] [--late SECONDS] [--logs FOLDER]
          MINUTES   how long faults and commands go on
          --seed    of the dice; one is made up, and printed, when it is left out
          --workers how many worker processes, default 3
          --pause   between two faults on the average, default 3
          --late    how long at most between the drawing of an event's number and its commit, default 2
          --logs    where the workers' output goes, default a temporary folder that stays when something is wrong
        """;

    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(1);

    public int Seed { get; init; } = Random.Shared.Next(1, int.MaxValue);

    public int Workers { get; init; } = 3;

    /// <summary>Between two faults, on the average.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long at most a writer has an event's number before its transaction begins. The store promises three seconds.</summary>
    public TimeSpan Late { get; init; } = TimeSpan.FromSeconds(2);

    public string? Logs { get; init; }

    /// <summary>How many events there are before anything begins.</summary>
    public int History { get; init; } = 20_000;

    public static bool TryParse(string[] arguments, out ChaosOptions options, out string problem)
    {
        options = new ChaosOptions();
        if (arguments is not [var minutes, .. var rest] || !TryNumber(minutes, out var length) || length <= 0)
        {
            problem = "How many minutes?";
            return false;
        }

        options = options with { Length = TimeSpan.FromMinutes(length) };
        foreach (var pair in rest.Chunk(2))
        {
            if (With(options, pair) is not { } changed)
            {
                problem = $"'{string.Join(' ', pair)}' is not understood.";
                return false;
            }

            options = changed;
        }

        problem = "";
        return true;
    }

    private static ChaosOptions? With(ChaosOptions options, string[] pair) => pair switch
    {
        ["--seed", var text] when int.TryParse(text, CultureInfo.InvariantCulture, out var seed) => options with { Seed = seed },
        ["--workers", var text] when int.TryParse(text, CultureInfo.InvariantCulture, out var workers) && workers > 0 => options with { Workers = workers },
        ["--pause", var text] when TryNumber(text, out var pause) && pause > 0 => options with { Pause = TimeSpan.FromSeconds(pause) },
        ["--late", var text] when TryNumber(text, out var late) && late >= 0 => options with { Late = TimeSpan.FromSeconds(late) },
        ["--logs", var folder] => options with { Logs = folder },
        _ => null,
    };

    private static bool TryNumber(string text, out double number) => double.TryParse(text, CultureInfo.InvariantCulture, out number);
}
