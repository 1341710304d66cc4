using System.Globalization;
using Projections.Catalog;

namespace Projections.Checks.Rules;

/// <summary>Where there is work to do, something moves.</summary>
internal sealed class MovementRule : ICatchUpRule
{
    public string Id => "movement";

    /// <summary>Whether events wait to be folded, or a version to be built.</summary>
    public static bool HasWork(VersionSnapshot version, Operations.Lag? lag) =>
        !version.External && (version.State.IsBuild() || (version.State.IsFollowed() && lag is { Events: > 0 } or { Time.Ticks: > 0 }));

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var still = subject.Now - subject.MovedAt;
        var version = subject.Version;
        // While indexes are built over all rows nothing else moves, however long it takes.
        var buildsIndexes = version is { IsLeased: true, Activity: not null, State: VersionState.Replaying };
        if (version.Trouble is not null || !HasWork(version, subject.Status.Lag) || still < subject.Options.StuckAfter || buildsIndexes)
        {
            return Task.FromResult<Finding?>(null);
        }

        var where = version.Checkpoint is { } position ? $"position {position}" : "the start";
        var who = version.IsLeased ? $"though worker {version.LeaseHolder} holds it" : "and no worker works on it";
        return Task.FromResult<Finding?>(new Finding(
            Id,
            Verdict.Stuck,
            string.Create(CultureInfo.InvariantCulture, $"{version.Id} ({version.State.Text()}) has stood at {where} for {still.TotalSeconds:0} s, {who}."),
            version.IsLeased
                ? "Look at that worker's log and at what its sessions wait for; when it is ended, another goes on."
                : "Start a worker with 'projections run' whose code has this version."));
    }
}
