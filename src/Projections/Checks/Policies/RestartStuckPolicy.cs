using Projections.Catalog;
using Projections.Operations;

namespace Projections.Checks.Policies;

/// <summary>A version that is stuck in a worker's hands is taken from it; not again until it has had the time to move.</summary>
internal sealed class RestartStuckPolicy : ICatchUpPolicy
{
    public async Task<PolicyAction?> DecideAsync(CheckOutcome outcome, CancellationToken cancellationToken)
    {
        if (!outcome.Options.RestartStuck)
        {
            return null;
        }

        foreach (var stuck in outcome.Records.Where(record => record.Verdict == Verdict.Stuck))
        {
            var version = outcome.Projection.Find(stuck.Version.Number)!;
            var last = await Restart.ReadLastAsync(outcome.Connection, version.Id, cancellationToken);
            if (version is { IsLeased: true, Trouble: null } && !(outcome.Now - last < outcome.Options.StuckAfter))
            {
                var reason = $"{version.Id} is stuck with worker {version.LeaseHolder}";
                return new PolicyAction(version.Id, reason, async (who, stop) =>
                    (await new Restart(outcome.System).RunAsync(version.Id, new Actor(who.Who, reason), stop)).Outcome);
            }
        }

        return null;
    }
}
