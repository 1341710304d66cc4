using System.Globalization;

namespace Projections.Checks.Rules;

/// <summary>A version that is followed is close behind the safe head.</summary>
internal sealed class LagRule : ICatchUpRule
{
    public string Id => "lag";

    public Task<Finding?> JudgeAsync(CheckSubject subject, CancellationToken cancellationToken)
    {
        var lag = subject.Status.Lag;
        return Task.FromResult(!subject.OughtToBeCurrent || lag is null || lag.Time <= subject.Options.MaxLag
            ? null
            : new Finding(
                Id,
                Verdict.Lagging,
                string.Create(CultureInfo.InvariantCulture, $"{subject.Version.Id} is {lag.Time.TotalSeconds:0} s and {lag.EventsText} behind, more than the {subject.Options.MaxLag.TotalSeconds:0.#} s allowed."),
                subject.Version.IsLeased
                    ? $"Look at worker {subject.Version.LeaseHolder}: is it busy with rebuilds, or its database slow? 'projections throttle' slows a rebuild down."
                    : "No worker follows it: start one with 'projections run', or resume it where it was paused."));
    }
}
