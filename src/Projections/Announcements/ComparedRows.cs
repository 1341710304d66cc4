using Projections.Verification;

namespace Projections.Announcements;

/// <summary>How a comparison came out, in rows.</summary>
public sealed record ComparedRows(long Equal, long Differing, long OnlyEarlier, long OnlyLater)
{
    public bool Agree => Differing == 0 && OnlyEarlier == 0 && OnlyLater == 0;

    public static ComparedRows Of(ComparisonResult result) => new(result.Equal, result.Differing, result.OnlyInEarlier, result.OnlyInLater);
}
