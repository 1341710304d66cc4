using System.ComponentModel;
using Projections.Switching;

namespace Projections.Web.Requests;

/// <summary>The body of <c>switch</c>.</summary>
internal sealed record SwitchRequest : RollbackRequest
{
    [Description("The version that reads go to.")]
    public required int To { get; init; }

    [Description("Refuse a version that no comparison has found to agree with the live one.")]
    public bool RequireVerified { get; init; }

    [Description("How long ago that comparison may be, in minutes. The default is 60.")]
    public double VerifiedWithinMinutes { get; init; } = 60;

    public override SwitchOptions ToOptions()
    {
        Wrong.Unless(VerifiedWithinMinutes is > 0 and <= 525_600, "'verifiedWithinMinutes' must be above 0 and at most 525600, a year.");
        return base.ToOptions() with { RequireVerified = RequireVerified, VerifiedWithin = TimeSpan.FromMinutes(VerifiedWithinMinutes) };
    }
}
