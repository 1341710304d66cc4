namespace Projections.Catalog.Announcements;

/// <summary>How a comparison came out, in rows.</summary>
internal sealed record ComparedRows(long Equal, long Differing, long OnlyEarlier, long OnlyLater)
{
    public bool Agree => Differing == 0 && OnlyEarlier == 0 && OnlyLater == 0;
}
