using System.Globalization;
using Projections.Verification;

namespace Projections.Switching.Gates;

/// <summary>Where it is asked for: the version's rows have lately been compared with the live one's, and they agree.</summary>
internal sealed class VerifiedGate : ISwitchGate
{
    public string Id => "verified";

    public async Task<GateFailure?> CheckAsync(SwitchCandidate candidate, CancellationToken cancellationToken)
    {
        if (!candidate.Asked.RequireVerified || candidate.Projection.Live is not { } live)
        {
            return null;
        }

        var both = $"{live.Id.Table} and {candidate.Version.Id.Table}";
        var verify = $"Run 'projections verify {candidate.Name} --from {live.Id.Number} --to {candidate.Version.Id.Number}'";
        var last = await Verifications.FindLastAsync(candidate.Connection, live, candidate.Version, cancellationToken);
        return last switch
        {
            null => new GateFailure(Id, $"{both} have not been compared since they were built by the handlers that they have now.", $"{verify}."),
            { Agrees: false } => new GateFailure(Id, $"{both} differed when they were last compared.", $"{verify}; mend the version, or declare in DefineChanges what is meant to differ."),
            { Age: var age } when age > candidate.Asked.VerifiedWithin => new GateFailure(
                Id,
                string.Create(CultureInfo.InvariantCulture, $"{both} agreed when they were last compared, but that is {age.TotalMinutes:0} minutes ago, and at most {candidate.Asked.VerifiedWithin.TotalMinutes:0} are allowed."),
                $"{verify} again."),
            _ => null,
        };
    }
}
