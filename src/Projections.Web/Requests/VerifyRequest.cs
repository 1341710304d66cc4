using System.ComponentModel;
using Projections.WorkOrders;

namespace Projections.Web.Requests;

/// <summary>The body of <c>verify</c>.</summary>
internal sealed record VerifyRequest
{
    [Description("One version; the live one when left out.")]
    public int? From { get; init; }

    [Description("The other; the newest when left out.")]
    public int? To { get; init; }

    [Description("How long to wait until both are at the same position, in seconds: 0 to 3600. The default is 30.")]
    public double? PatienceSeconds { get; init; }

    [Description("Compare one version with a fold of its own events.")]
    public bool AgainstEvents { get; init; }

    [Description("The version to compare with its events; the live one when left out.")]
    public int? Version { get; init; }

    [Description("Which part of its rows, above 0 and at most 1; all when left out.")]
    public double? Sample { get; init; }

    [Description("The reason, kept with the outcome.")]
    public string? Why { get; init; }

    public Work ToWork()
    {
        if (AgainstEvents)
        {
            Wrong.Unless(From is null && To is null && PatienceSeconds is null, "'from', 'to' and 'patienceSeconds' are for two versions; with 'againstEvents' say 'version' and 'sample'.");
            return new VerifyAgainstEventsWork { Version = Version, Sample = Sample ?? 1 };
        }

        Wrong.Unless(Version is null && Sample is null, "'version' and 'sample' go with 'againstEvents'; say 'from' and 'to' for two versions.");
        return PatienceSeconds is { } patience ? new VerifyWork { From = From, To = To, PatienceSeconds = patience } : new VerifyWork { From = From, To = To };
    }
}
