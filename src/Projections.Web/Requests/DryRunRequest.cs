using System.ComponentModel;
using Projections.WorkOrders;

namespace Projections.Web.Requests;

/// <summary>The body of <c>dry-run</c>.</summary>
internal sealed record DryRunRequest(
    [property: Description("The version; the newest when left out.")] int? To = null,
    [property: Description("Which part of the streams, above 0 and at most 1; all when left out.")] double? Sample = null,
    [property: Description("The reason, kept with the outcome.")] string? Why = null)
{
    public Work ToWork() => new DryRunWork { To = To, Sample = Sample ?? 1 };
}
