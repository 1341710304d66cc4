using System.Globalization;

namespace Projections.Events;

/// <summary>How many events there are.</summary>
/// <param name="Events">The number.</param>
/// <param name="IsAbout">Whether it was estimated and not counted.</param>
public readonly record struct EventCount(long Events, bool IsAbout = false)
{
    /// <summary>A number that was counted.</summary>
    public static implicit operator EventCount(long counted) => new(counted);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(IsAbout ? "about " : "")}{Events:N0}");
}
