using System.CommandLine;
using System.Globalization;
using Projections.Commands;
using Projections.CommandLine.Terminal;

namespace Projections.CommandLine.Commands.Databases;

/// <summary>In which steps a command is given to many databases: <c>1,10%,rest</c>. The next only if those before are healthy for a time.</summary>
internal sealed class Waves
{
    private const string Rest = "rest";

    private const string Expected = "Expected are numbers of databases, shares of all of them and, in the end, 'rest', such as 1,10%,rest.";

    public Option<string?> Sizes { get; } = new("--wave") { Description = "In which steps the databases get the command, by name: numbers, shares of all, and the rest. Without it all at once.", HelpName = "1,10%,rest" };

    public Option<TimeSpan> HealthyFor { get; } = CommonOptions.Duration("--healthy-for", "For how long the databases of a wave must have been healthy before the next one is begun: nothing being built, nothing failed or in trouble, no check that fails. The default is 1m.", TimeSpan.FromMinutes(1), TimeSpan.Zero);

    /// <summary>Cuts a list into waves, in its order.</summary>
    /// <exception cref="OperationRefused">What was given is no list of waves, or leaves some out.</exception>
    public static IReadOnlyList<IReadOnlyList<T>> Cut<T>(string? sizes, IReadOnlyList<T> all)
    {
        if (sizes is null)
        {
            return [all];
        }

        var waves = new List<IReadOnlyList<T>>();
        var left = all;
        foreach (var size in sizes.Split(',', StringSplitOptions.TrimEntries))
        {
            var count = Math.Min(CountOf(size, all.Count, left.Count), left.Count);
            if (count > 0)
            {
                waves.Add([.. left.Take(count)]);
                left = [.. left.Skip(count)];
            }
        }

        return left.Count == 0
            ? waves
            : throw new OperationRefused(string.Create(CultureInfo.InvariantCulture, $"The waves '{sizes}' leave {left.Count} of {all.Count} databases out. End them with 'rest'."), isMistake: true);
    }

    /// <summary>The waves as they will be, for people.</summary>
    public static string TextOf(IReadOnlyList<IReadOnlyList<string>> waves, TimeSpan healthyFor) =>
        string.Join(Environment.NewLine, waves.Select((wave, number) => string.Create(CultureInfo.InvariantCulture, $"Wave {number + 1} of {waves.Count}: {Names(wave)}")))
        + (waves.Count > 1 ? $"{Environment.NewLine}Each begins once those before have been healthy for {(healthyFor == TimeSpan.Zero ? "a look" : DurationText.Of(healthyFor))}." : "");

    private static string Names(IReadOnlyList<string> wave) =>
        wave.Count <= 5 ? string.Join(", ", wave) : string.Create(CultureInfo.InvariantCulture, $"{wave[0]} to {wave[^1]}, {wave.Count} databases");

    private static int CountOf(string size, int all, int left)
    {
        var isShare = size.EndsWith('%');
        return size == Rest ? left
            : double.TryParse(isShare ? size[..^1] : size, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number > 0 && (isShare ? number <= 100 : number == Math.Floor(number))
                ? isShare ? (int)Math.Ceiling(all * number / 100) : (int)Math.Min(number, all)
                : throw new OperationRefused($"'{size}' is no size of a wave. {Expected}", isMistake: true);
    }
}
