using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.CommandLine.Commands;

/// <summary>
/// Waits, before the gates are asked, for what comes by itself: that the version has caught up with what was in the store when
/// the switch was asked for. Where no worker runs, the one of this process needs a moment for it.
/// </summary>
internal sealed class SwitchReadiness(ProjectionSystem system, VersionId id, Task worker)
{
    /// <summary>Whatever came of it, the gates say what is still missing.</summary>
    public async Task WaitAsync(TimeSpan patience, CancellationToken stop)
    {
        var head = (await system.Source.GetSafeHeadAsync(stop)).Position;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(patience);
        try
        {
            await foreach (var _ in new BuildWatch(system, id, worker).ReadAsync(version => !IsComing(version, head), limit.Token))
            {
                // Nothing to show: it is a matter of seconds.
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Patience is at its end.
        }
    }

    /// <summary>Whether the version is on its way into the lockstep, or to the head within it.</summary>
    private static bool IsComing(VersionSnapshot version, EventPosition head) =>
        !version.External
        && (version.State == VersionState.CatchingUp
            || (version.State is VersionState.Ready or VersionState.Standby && !(version.Lockstep && version.Checkpoint >= head)));
}
