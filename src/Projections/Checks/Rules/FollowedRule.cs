using System.Globalization;
using Projections.Catalog;

namespace Projections.Checks.Rules;

/// <summary>Whatever is to be kept current is followed by a worker, also when there is nothing to fold; when there is, <see cref="MovementRule"/> says so.</summary>
internal sealed class FollowedRule : ICatchUpRule
{
    public string Id => "followed";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        // When a lease ended stands where it was to end. One that was never taken says nothing; the movement does.
        var version = subject.Version;
        if (!subject.OughtToBeCurrent || version.IsLeased || version.Phase.IsStopped() || version.Trouble is not null || MovementRule.HasWork(version, subject.Status.Lag)
            || version.LeaseUntil is not { } ended || subject.Now - ended < subject.Options.StuckAfter)
        {
            return Task.FromResult<Finding?>(null);
        }

        return Task.FromResult<Finding?>(new Finding(
            Id,
            Verdict.Stuck,
            string.Create(CultureInfo.InvariantCulture, $"No worker has followed {version.Id} ({version.State.Text()}) for {(subject.Now - ended).TotalSeconds:0} s."),
            "Start a worker with 'projections run' whose code has this version."));
    }
}
