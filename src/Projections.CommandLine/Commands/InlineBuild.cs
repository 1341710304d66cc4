using System.Globalization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.CommandLine.Terminal;
using Projections.Reports;
using Projections.Workers;

namespace Projections.CommandLine.Commands;

/// <summary>
/// Works on a projection in this process, or watches another worker do it, until a version is ready, live or stopped; and
/// says what came of it.
/// </summary>
internal sealed class InlineBuild(Invocation call, ProjectionSystem system, VersionId id, bool untilLive)
{
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        BuildProgress? last;
        try
        {
            await using var worker = Worker.Start(system, id.Projection);
            last = await ProgressDisplay.ShowAsync(call.Screen, new BuildWatch(system, id, worker.Completion).ReadAsync(IsOver, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The worker has committed and let go by now.
            var version = (await system.Catalog.ReadAsync(id.Projection, CancellationToken.None))?.Find(id.Number);
            await AnswerAsync($"Stopped. {id} is at position {version?.Checkpoint?.ToString() ?? "start"}; run the same command again, or a worker ('projections run'), to go on from there.");
            return ExitCode.Interrupted;
        }

        return await TellAsync(last?.Version ?? throw new BuildStopped($"{id} is not in the catalog any more."));
    }

    private bool IsOver(VersionSnapshot version) => version.State switch
    {
        VersionState.Ready => version.Lockstep && !(untilLive && version.SwitchWhenReady),
        // One that was resumed is not what it was before until it has caught up; it may stop at the same event again.
        VersionState.Live or VersionState.Standby => version.Lockstep || version.External,
        VersionState.Retired or VersionState.Paused or VersionState.Failed => true,
        _ => false,
    };

    private async Task<int> TellAsync(VersionSnapshot version)
    {
        switch (version.State)
        {
            case VersionState.Failed:
                throw new BuildStopped($"{id} failed{(version.FailurePosition is { } at ? $" at position {at}" : "")}: {version.Failure} When the cause is mended, 'projections resume {id.Projection}' goes on from its checkpoint{WayPast(version)}.");
            case VersionState.Paused:
                throw new BuildStopped($"{id} was paused{await ByWhomAsync()}; 'projections resume {id.Projection}' goes on from its checkpoint.");
            case VersionState.Retired:
                throw new BuildStopped($"{id} was aborted{await ByWhomAsync()}; its table is dropped.");
            case VersionState.Ready when untilLive:
                throw new OperationRefused($"{id} is ready, but reads were not switched to it: {version.Activity ?? "the request was withdrawn."}");
            case VersionState.Ready:
                await AnswerAsync($"{id} is ready{Figures(version)}. Switch reads to it with 'projections switch {id.Projection} --to {id.Number}'.");
                return ExitCode.Done;
            default:
                await AnswerAsync($"{id} is {version.State.Text()}{Figures(version)}.");
                return ExitCode.Done;
        }
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

    private async Task<string> ByWhomAsync()
    {
        var transitions = await system.Catalog.ReadTransitionsAsync(id.Projection, 10, CancellationToken.None);
        return transitions.FirstOrDefault(transition => transition.Version == id) is { } last
            ? $" by {last.Actor.Who}{(last.Actor.Why is { } why ? $" ({why})" : "")}"
            : "";
    }

    private async Task AnswerAsync(string outcome)
    {
        var report = (await ProjectionReport.ReadAsync(system, id.Projection, CancellationToken.None)).Single();
        call.Screen.Answer(new { id.Projection, Version = id.Number, Outcome = outcome, Status = report.Versions.Single(version => version.Version == id.Number) }, outcome);
    }
}
