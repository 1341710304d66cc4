using System.Globalization;
using Projections.Catalog;

namespace Projections.Switching.Gates;

/// <summary>The version is in the lockstep, and the lockstep is near the safe head.</summary>
internal sealed class CaughtUpGate : ISwitchGate
{
    public string Id => "caught-up";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (!candidate.IsOurs)
        {
            return null;
        }

        var version = candidate.Version;
        if (version.Checkpoint is not { } checkpoint || !version.Lockstep)
        {
            var head = (await candidate.System.Source.GetSafeHeadAsync(cancellationToken)).Position;
            var at = version.Checkpoint is { } position ? $"position {position} of {head}" : "no checkpoint yet";
            return new GateFailure(Id, $"{version.Id} is {version.State.Text()} ({at}).", WayOut(candidate));
        }

        if (await candidate.System.Source.GetTimeOfNextAsync(checkpoint, cancellationToken) is not { } next)
        {
            return null;
        }

        var lag = candidate.System.Time.GetUtcNow().UtcDateTime - next;
        return lag <= candidate.Asked.MaxLag
            ? null
            : new GateFailure(
                Id,
                string.Create(CultureInfo.InvariantCulture, $"{version.Id} lags {lag.TotalSeconds:0} s behind the safe head, more than the {candidate.Asked.MaxLag.TotalSeconds:0} s allowed."),
                "Start a worker ('projections run') or wait until it has caught up.");
    }

    private static string WayOut(SwitchCandidate candidate) => candidate.Version.State switch
    {
        VersionState.Failed => $"Mend the cause ({candidate.Version.Failure}), then run 'projections resume {candidate.Name}'.",
        VersionState.Paused => $"Run 'projections resume {candidate.Name}'.",
        VersionState.Retired => $"Its table is gone; run 'projections rebuild {candidate.Name} --to {candidate.Version.Id.Number}'.",
        VersionState.Standby => "Wait until it has caught up again.",
        _ => $"Wait until it is ready, or run 'projections abort {candidate.Name}'.",
    };
}
