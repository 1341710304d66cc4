using Projections.Catalog;
using Projections.Checks.Rules;
using Projections.Operations;

namespace Projections.Checks.Policies;

/// <summary>Reads go back when a new version turns bad within its probation, and the one before it is no worse.</summary>
internal sealed class SwitchBackPolicy : ICatchUpPolicy
{
    /// <summary>The way back is open however far both are behind: readers get the same position as before.</summary>
    private static readonly SwitchCommand Back = new() { MaxLag = TimeSpan.MaxValue };

    public async Task<PolicyAction?> DecideAsync(CheckOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome.Options.Probation is not { } probation || outcome.Live is not { Verdict: not Verdict.Healthy } live)
        {
            return null;
        }

        var switches = await SwitchHistory.ReadAsync(outcome.System.Catalog, outcome.Projection.Name, cancellationToken);
        // A rollback is not on probation, or two bad versions would be switched to and fro.
        if (switches is not [{ From: { } from } last, ..] || last.To != live.Version.Number || from > last.To || outcome.Now - last.At > probation)
        {
            return null;
        }

        // Equally bad will do: a live version that is slow keeps the one that stands by waiting in the lockstep.
        if (outcome.Of(from) is not { State: VersionState.Standby } before || before.Verdict > live.Verdict || FaultOf(outcome, live) is not { } fault)
        {
            return null;
        }

        var reason = $"{live.Version} is {live.Verdict.Text()} within its probation: {fault.Problem}";
        return new PolicyAction(live.Version, reason, async (context, stop) =>
        {
            await (Back with { Projection = before.Version.Projection, To = from, Why = reason }).CarryOutAsync(outcome.System, context, stop);
            return $"Reads were switched back to v{from}.";
        });
    }

    /// <summary>What is wrong with the version itself: a source that is held back, a release that declares it wrongly, or that no worker
    /// runs, is not its fault.</summary>
    private static Finding? FaultOf(CheckOutcome outcome, CheckRecord live) =>
        live.State == VersionState.Failed || outcome.Projection.Find(live.Version.Number) is { IsLeased: true }
            ? live.Findings.Where(finding => finding.Verdict != Verdict.Healthy && finding.Rule is not (HoldRule.Name or DeclaredRule.Name)).MaxBy(finding => finding.Verdict)
            : null;
}
