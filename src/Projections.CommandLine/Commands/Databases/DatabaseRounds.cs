using System.Globalization;
using Projections.Commands;
using Projections.CommandLine.Terminal;
using Projections.Hosting.Databases;
using Projections.Serving;

namespace Projections.CommandLine.Commands.Databases;

/// <summary>Gives one command to several databases, in waves where that is asked for, and tells what came of it, folded to what needs a look.</summary>
/// <param name="verb">Carries the command out in one of them.</param>
/// <param name="call">The call.</param>
/// <param name="chosen">The databases, by name.</param>
internal sealed class DatabaseRounds(Verb verb, Invocation call, IReadOnlyList<DatabaseAddress> chosen)
{
    private readonly List<DatabaseAnswer> _answers = [];

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

        var obstacle = await RunAsync(waves, healthyFor, stop);
        Answer(obstacle);
        var worst = _answers.Select(answer => answer.ExitCode).DefaultIfEmpty(ExitCode.Done).Max();
        return obstacle is not null && worst == ExitCode.Done ? ExitCode.Refused : worst;
    }

    /// <returns>Why not all waves were begun; <c>null</c> when they were.</returns>
    private async Task<string?> RunAsync(IReadOnlyList<IReadOnlyList<DatabaseAddress>> waves, TimeSpan healthyFor, CancellationToken stop)
    {
        for (var number = 0; number < waves.Count; number++)
        {
            var answers = await RunAsync(waves[number], stop);
            _answers.AddRange(answers);
            if (number == waves.Count - 1)
            {
                break;
            }

            var bad = answers.Where(answer => answer.ExitCode != ExitCode.Done).Select(answer => $"{answer.Database}: {answer.Troubles[0]}").ToList();
            if (bad.Count == 0)
            {
                call.Screen.Say(string.Create(CultureInfo.InvariantCulture, $"Wave {number + 1} of {waves.Count} is done; looking whether it stays healthy."));
                bad.AddRange(await new WaveHealth(call, waves[number]).WatchAsync(healthyFor, stop));
            }

            if (bad.Count > 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"Wave {number + 1} of {waves.Count} is not healthy, and nothing was begun in the {waves.Skip(number + 1).Sum(wave => wave.Count)} databases after it. {string.Join(" ", bad)}");
            }
        }

        return null;
    }

    private async Task<IReadOnlyList<DatabaseAnswer>> RunAsync(IReadOnlyList<DatabaseAddress> databases, CancellationToken stop)
    {
        using var turns = new SemaphoreSlim(verb.DatabasesAtOnce);
        return await Task.WhenAll(databases.Select(async address =>
        {
            await turns.WaitAsync(stop);
            try
            {
                return await RunAsync(address, stop);
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
        await using var one = call.For(address, new Screen(call.Screen.IsJson, text, documents));
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
            return new DatabaseAnswer(address.Name, failure.ExitCode, text.ToString(), documents, failure, []);
        }
    }

    private void Answer(string? obstacle)
    {
        var summary = DatabasesSummary.Of(_answers.Select(answer => new DatabaseTroubles(answer.Database, answer.Troubles)));
        if (call.Screen.IsJson)
        {
            call.Screen.Answer(new { Summary = obstacle ?? summary.Text, summary.Databases, summary.Well, Answers = _answers.Select(answer => answer.Document) }, "");
            return;
        }

        foreach (var answer in _answers.Where(answer => !verb.Folds || call.IsVerbose || answer.Troubles.Count > 0))
        {
            call.Screen.Say($"== {answer.Database}");
            call.Screen.Say($"{answer.Text}{answer.Failure?.Message}".TrimEnd());
        }

        call.Screen.Say(verb.Folds ? summary.Text
            : string.Create(CultureInfo.InvariantCulture, $"Done in {summary.Well} of {_answers.Count} databases{(summary.NeedALook.Count == 0 ? "" : $"; not in {string.Join(", ", summary.NeedALook.Select(one => one.Database))}")}."));
        if (obstacle is not null)
        {
            Screen.Warn(obstacle);
        }
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<DatabaseAddress> wave) => [.. wave.Select(address => address.Name)];
}
