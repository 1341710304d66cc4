using System.Collections.Concurrent;
using System.Globalization;
using Projections.CommandLine.Terminal;
using Projections.Hosting.Databases;
using Projections.Serving;

namespace Projections.CommandLine.Commands.Databases;

/// <summary>
/// Gives one command to several databases, in waves where that is asked for, and tells what came of it: where it only looks, folded to what needs a look; where it
/// does something, of each as it goes.
/// </summary>
/// <param name="verb">Carries the command out in one of them.</param>
/// <param name="call">The call.</param>
/// <param name="chosen">The databases, by name.</param>
internal sealed class DatabaseRounds(Verb verb, Invocation call, IReadOnlyList<DatabaseAddress> chosen)
{
    private readonly ConcurrentDictionary<string, DatabaseAnswer> _answers = new(StringComparer.Ordinal);
    private int _begun;

    /// <summary>What has been answered, by name.</summary>
    private IReadOnlyList<DatabaseAnswer> Answers => [.. _answers.Values.OrderBy(answer => answer.Database, StringComparer.Ordinal)];

    private bool GoesByTurn => !verb.Folds && !call.Screen.IsJson;

    /// <returns>The exit code: the worst of all.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var sizes = verb.Waves is { } options ? call.Arguments.GetValue(options.Sizes) : null;
        var healthyFor = verb.Waves is { } some ? call.Arguments.GetValue(some.HealthyFor) : TimeSpan.Zero;
        var waves = Waves.Cut(sizes, chosen);
        if (sizes is not null)
        {
            call.Screen.Say(Waves.TextOf([.. waves.Select(Names)], healthyFor));
        }

        string? obstacle;
        try
        {
            obstacle = await RunAsync(waves, healthyFor, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            obstacle = string.Create(CultureInfo.InvariantCulture, $"It was stopped, and nothing was begun in {chosen.Count - _begun} of {chosen.Count} databases.");
        }

        Answer(obstacle);
        var worst = Answers.Select(answer => answer.ExitCode).DefaultIfEmpty(ExitCode.Done).Max();
        return stop.IsCancellationRequested ? ExitCode.Interrupted : obstacle is not null && worst == ExitCode.Done ? ExitCode.Refused : worst;
    }

    /// <returns>Why not all waves were begun; <c>null</c> when they were.</returns>
    private async Task<string?> RunAsync(IReadOnlyList<IReadOnlyList<DatabaseAddress>> waves, TimeSpan healthyFor, CancellationToken stop)
    {
        for (var number = 0; number < waves.Count; number++)
        {
            await RunAsync(waves[number], stop);
            if (number == waves.Count - 1)
            {
                break;
            }

            var bad = waves[number].Select(address => _answers[address.Name]).Where(answer => answer.ExitCode != ExitCode.Done).Select(Told).ToList();
            if (bad.Count == 0)
            {
                call.Screen.Say(string.Create(CultureInfo.InvariantCulture, $"Wave {number + 1} of {waves.Count} is done; looking whether it stays healthy."));
                bad.AddRange(await new WaveHealth(waves[number]).WatchAsync(healthyFor, stop));
            }

            if (bad.Count > 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"Wave {number + 1} of {waves.Count} is not healthy, and nothing was begun in the {waves.Skip(number + 1).Sum(wave => wave.Count)} databases after it. {string.Join(" ", bad)}");
            }
        }

        return null;
    }

    private async Task RunAsync(IReadOnlyList<DatabaseAddress> databases, CancellationToken stop)
    {
        using var turns = new SemaphoreSlim(verb.DatabasesAtOnce);
        await Task.WhenAll(databases.Select(async address =>
        {
            await turns.WaitAsync(stop);
            try
            {
                stop.ThrowIfCancellationRequested();
                Interlocked.Increment(ref _begun);
                _answers[address.Name] = await RunAsync(address, stop);
            }
            finally
            {
                turns.Release();
            }
        }));
    }

    private async Task<DatabaseAnswer> RunAsync(DatabaseAddress address, CancellationToken stop)
    {
        using var text = new StringWriter();
        var documents = new List<object>();
        await using var one = call.For(address, GoesByTurn ? call.Screen : new Screen(call.Screen.IsJson, text, documents));
        if (GoesByTurn)
        {
            call.Screen.Say($"== {address.Name}");
        }

        try
        {
            var code = await verb.RunInAsync(one, stop);
            return new DatabaseAnswer(address.Name, code, text.ToString(), documents, null, one.NeedsALook);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // A broken one keeps no other from its turn.
            var failure = Failure.Of(exception, one.SettingsIfRead);
            if (GoesByTurn)
            {
                call.Screen.Say(failure.Message);
            }

            return new DatabaseAnswer(address.Name, failure.ExitCode, text.ToString(), documents, failure, []);
        }
    }

    private void Answer(string? obstacle)
    {
        var summary = DatabasesSummary.Of(Answers.Select(answer => new DatabaseTroubles(answer.Database, answer.Troubles)));
        if (call.Screen.IsJson)
        {
            call.Screen.Answer(new { Summary = obstacle ?? summary.Text, summary.Databases, summary.Well, Answers = Answers.Select(answer => answer.Document) }, "");
            return;
        }

        foreach (var line in verb.Folds ? Folded(summary) : Done(summary))
        {
            call.Screen.Say(line);
        }

        if (obstacle is not null)
        {
            Screen.Warn(obstacle);
        }
    }

    private IEnumerable<string> Folded(DatabasesSummary summary)
    {
        foreach (var answer in Answers.Where(answer => call.IsVerbose || answer.Troubles.Count > 0))
        {
            yield return $"== {answer.Database}";
            yield return $"{answer.Text}{answer.Failure?.Message}".TrimEnd();
        }

        yield return summary.Text;
    }

    private IEnumerable<string> Done(DatabasesSummary summary)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"Done in {summary.Well} of {chosen.Count} databases{(summary.NeedALook.Count == 0 ? "." : "; not in:")}");
        foreach (var answer in Answers.Where(answer => answer.Troubles.Count > 0))
        {
            yield return $"  {Told(answer)}";
        }
    }

    private static string Told(DatabaseAnswer answer) => $"{answer.Database}: {answer.Troubles[0]}";

    private static IReadOnlyList<string> Names(IReadOnlyList<DatabaseAddress> wave) => [.. wave.Select(address => address.Name)];
}
