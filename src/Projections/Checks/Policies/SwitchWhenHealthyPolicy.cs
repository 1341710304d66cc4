using System.Globalization;
using Projections.Catalog;
using Projections.Operations;

namespace Projections.Checks.Policies;

/// <summary>Reads move to a new version that was ready and healthy in a number of checks in a row.</summary>
internal sealed class SwitchWhenHealthyPolicy : ICatchUpPolicy
{
    public async Task<PolicyAction?> DecideAsync(CheckOutcome outcome, CancellationToken cancellationToken)
    {
        // A version that was live before is never ready again but stands by; so what people rolled back stays so.
        var newest = outcome.Records.LastOrDefault(record => record is { State: VersionState.Ready, Verdict: Verdict.Healthy });
        if (outcome.Options.SwitchAfterHealthyChecks is not { } wanted || newest is null || newest.Version.Number < outcome.Projection.LiveVersion)
        {
            return null;
        }

        var history = await CheckHistory.ReadAsync(outcome.Connection, newest.Version, wanted, cancellationToken);
        if (history.Count < wanted || history.Any(record => record is not { State: VersionState.Ready, Verdict: Verdict.Healthy }))
        {
            return null;
        }

        var to = newest.Version;
        var reason = string.Create(CultureInfo.InvariantCulture, $"{to} was ready and healthy in {wanted} checks in a row");
        return new PolicyAction(to, reason, async (context, stop) =>
        {
            await new SwitchCommand { Projection = to.Projection, To = to.Number, Why = reason }.CarryOutAsync(outcome.System, context, stop);
            return $"Reads were switched to v{to.Number}.";
        });
    }
}
