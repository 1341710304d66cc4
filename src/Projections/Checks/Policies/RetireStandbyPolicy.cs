using System.Globalization;
using Projections.Catalog;
using Projections.Operations;

namespace Projections.Checks.Policies;

/// <summary>A version that has stood by for longer than its retention is retired, as long as the live one is healthy.</summary>
internal sealed class RetireStandbyPolicy : ICatchUpPolicy
{
    public async Task<PolicyAction?> DecideAsync(CheckOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome.Options is not { RetireStandby: true, StandbyRetention: { } retention } || outcome.Live is not { Verdict: Verdict.Healthy })
        {
            return null;
        }

        // A table that another program writes is not ours to drop.
        foreach (var version in outcome.Projection.Versions.Where(version => version is { State: VersionState.Standby, External: false }))
        {
            if (outcome.Now - await StandbySince.ReadAsync(outcome.Connection, version, cancellationToken) is { } age && age > retention)
            {
                var reason = string.Create(CultureInfo.InvariantCulture, $"{version.Id} has stood by for {age.TotalHours:0.#} h, and is kept for {retention.TotalHours:0.#} h");
                return new PolicyAction(version.Id, reason, async (context, stop) =>
                    (await new RetireCommand { Projection = version.Id.Projection, Version = version.Id.Number, Why = reason }.CarryOutAsync(outcome.System, context, stop)).Outcome);
            }
        }

        return null;
    }
}
