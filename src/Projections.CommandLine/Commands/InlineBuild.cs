using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Reports;
using Projections.Workers;

namespace Projections.CommandLine.Commands;

/// <summary>
/// Works on projections in this process, or watches another worker do it, until a version of each is ready, live or stopped; and
/// says what came of it.
/// </summary>
internal sealed class InlineBuild(Invocation call, ProjectionSystem system, IReadOnlyList<VersionId> ids, bool untilLive)
{
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        IReadOnlyList<BuildProgress> last;
        try
        {
            await using var worker = Worker.Start(system, [.. ids.Select(id => id.Projection)]);
            last = await ProgressDisplay.ShowAsync(call.Screen, WatchAsync(worker.Completion, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The worker has committed and let go by now.
            await AnswerAsync(await Task.WhenAll(ids.Select(StoppedAsync)));
            return ExitCode.Interrupted;
        }

        await AnswerAsync(await OutcomesAsync(last));
        return ExitCode.Done;
    }

    /// <summary>What is seen of all of them, in rounds; each drops out when there is nothing more to wait for.</summary>
    private async IAsyncEnumerable<BuildProgress> WatchAsync(Task worker, [EnumeratorCancellation] CancellationToken stop)
    {
        var watches = ids.Select(id => new BuildWatch(system, id, worker).ReadAsync(IsOver, stop).GetAsyncEnumerator(stop)).ToList();
        try
        {
            while (watches.Count > 0)
            {
                var seen = await Task.WhenAll(watches.Select(watch => watch.MoveNextAsync().AsTask()));
                foreach (var over in watches.Where((_, number) => !seen[number]).ToList())
                {
                    watches.Remove(over);
                    await over.DisposeAsync();
                }

                foreach (var watch in watches)
                {
                    yield return watch.Current;
                }
            }
        }
        finally
        {
            foreach (var watch in watches)
            {
                await watch.DisposeAsync();
            }
        }
    }

    private async Task<(VersionId, string)> StoppedAsync(VersionId id)
    {
        var version = (await system.Catalog.ReadAsync(id.Projection, CancellationToken.None))?.Find(id.Number);
        return (id, $"Stopped. {id} is at position {version?.Checkpoint?.ToString() ?? "start"}; run the same command again, or a worker ('projections run'), to go on from there.");
    }

    /// <exception cref="BuildStopped">One of them, or more, did not become ready.</exception>
    /// <exception cref="OperationRefused">The reads of the only one were not switched.</exception>
    private async Task<List<(VersionId, string)>> OutcomesAsync(IReadOnlyList<BuildProgress> last)
    {
        var outcomes = new List<(VersionId, string)>();
        var failures = new List<Exception>();
        foreach (var id in ids)
        {
            try
            {
                var version = last.FirstOrDefault(progress => progress.Version.Id == id)?.Version;
                outcomes.Add((id, await OutcomeAsync(version ?? throw new BuildStopped($"{id} is not in the catalog any more."))));
            }
            catch (Exception exception) when (exception is BuildStopped or OperationRefused)
            {
                failures.Add(exception);
            }
        }

        if (failures.Count == 0)
        {
            return outcomes;
        }

        foreach (var (_, outcome) in outcomes)
        {
            call.Screen.Say(outcome);
        }

        ExceptionDispatchInfo.Throw(failures is [var only] ? only : new BuildStopped(string.Join('\n', failures.Select(failure => failure.Message))));
        return outcomes;
    }

    private bool IsOver(VersionSnapshot version) => version.State switch
    {
        VersionState.Ready => version is { Lockstep: true, AwaitsSeedProof: false } && !(untilLive && version.SwitchWhenReady),
        // One that was resumed is not what it was before until it has caught up; it may stop at the same event again.
        VersionState.Live or VersionState.Standby => version.Lockstep || version.External,
        VersionState.Retired or VersionState.Paused or VersionState.Failed => true,
        _ => false,
    };

    private async Task<string> OutcomeAsync(VersionSnapshot version)
    {
        var id = version.Id;
        return version.State switch
        {
            VersionState.Failed => throw new BuildStopped($"{id} failed{(version.FailurePosition is { } at ? $" at position {at}" : "")}: {version.Failure} When the cause is mended, 'projections resume {id.Projection}' goes on from its checkpoint{WayPast(version)}."),
            VersionState.Paused => throw new BuildStopped($"{id} was paused{await ByWhomAsync(id)}; 'projections resume {id.Projection}' goes on from its checkpoint."),
            VersionState.Retired => throw new BuildStopped($"{id} was aborted{await ByWhomAsync(id)}; its table is dropped."),
            VersionState.Ready when version.SeedAgrees == false => throw new BuildStopped($"{id} is ready, but its rows, which were taken from v{version.SeededFrom}, are wrong, and reads cannot move to it. {version.SeedFinding} Abort it, then mend seed.sql and rebuild, or rebuild with --from-events."),
            VersionState.Ready when untilLive => throw new OperationRefused($"{id} is ready, but reads were not switched to it: {version.Activity ?? "the request was withdrawn."}"),
            VersionState.Ready => $"{id} is ready{Figures(version)}. Switch reads to it with 'projections switch {id.Projection} --to {id.Number}'.",
            _ => $"{id} is {version.State.Text()}{Figures(version)}.",
        };
    }

    private static string WayPast(VersionSnapshot version) => version.FailurePosition is { } position
        ? $"; an event that the rows may lack is set aside by 'projections resume {version.Id.Projection} --version {version.Id.Number} --set-aside {position} --why \"…\"'"
        : "";

    private static string Figures(VersionSnapshot version)
    {
        var position = $" at position {version.Checkpoint?.ToString() ?? "start"}";
        return version is { StartedAt: { } started, ReadyAt: { } ready } && ready > started
            ? string.Create(CultureInfo.InvariantCulture, $"{position}: {version.EventsDone:N0} events, built in {DurationText.Of(ready - started)}")
            : position;
    }

    private async Task<string> ByWhomAsync(VersionId id)
    {
        var transitions = await system.Catalog.ReadTransitionsAsync(id.Projection, 10, CancellationToken.None);
        return transitions.FirstOrDefault(transition => transition.Version == id) is { } last
            ? $" by {last.Actor.Who}{(last.Actor.Why is { } why ? $" ({why})" : "")}"
            : "";
    }

    /// <summary>Gives the answer: of one version as of one, of several as a list.</summary>
    private async Task AnswerAsync(IReadOnlyList<(VersionId Id, string Outcome)> outcomes)
    {
        var answers = new List<object>();
        foreach (var (id, outcome) in outcomes)
        {
            var report = (await ProjectionReport.ReadAsync(system, id.Projection, CancellationToken.None)).Single();
            answers.Add(new { id.Projection, Version = id.Number, Outcome = outcome, Status = report.Versions.Single(version => version.Version == id.Number) });
        }

        call.Screen.Answer(answers is [var only] ? only : answers, string.Join('\n', outcomes.Select(one => one.Outcome)));
    }
}
