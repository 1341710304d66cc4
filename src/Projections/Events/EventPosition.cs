using System.Globalization;

namespace Projections.Events;

/// <summary>
/// A place in a source's global order. Opaque to everything but the source that gave it: it can be compared,
/// stored and shown, and nothing is to be computed from it.
/// </summary>
/// <param name="Major">What the source orders by first: a sequence number, or EventStoreDB's commit position.</param>
/// <param name="Minor">What orders events of equal <paramref name="Major"/>, or 0 for sources that need no second part:
/// EventStoreDB's prepare position.</param>
public readonly record struct EventPosition(long Major, long Minor = 0) : IComparable<EventPosition>
{
    /// <summary>Lies before the first event of every source.</summary>
    public static readonly EventPosition BeforeFirst = new(-1, -1);

    public int CompareTo(EventPosition other)
    {
        var byMajor = Major.CompareTo(other.Major);
        return byMajor != 0 ? byMajor : Minor.CompareTo(other.Minor);
    }

    public static bool operator <(EventPosition left, EventPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(EventPosition left, EventPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(EventPosition left, EventPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EventPosition left, EventPosition right) => left.CompareTo(right) >= 0;

    public static EventPosition Max(EventPosition left, EventPosition right) => left >= right ? left : right;

    public static EventPosition Min(EventPosition left, EventPosition right) => left <= right ? left : right;

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out EventPosition position)
    {
        position = BeforeFirst;
        if (text == BeforeFirst.ToString())
        {
            return true;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        long minor = 0;
        if (!TryNumber(slash < 0 ? text : text[..slash], out var major) || (slash >= 0 && !TryNumber(text[(slash + 1)..], out minor)))
        {
            return false;
        }

        position = new EventPosition(major, minor);
        return true;
    }

    /// <summary>What people are shown: <c>561400</c>, <c>8812/8790</c>, or <c>start</c> before the first event.</summary>
    public override string ToString()
    {
        if (this == BeforeFirst)
        {
            return "start";
        }

        return Minor == 0
            ? Major.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{Major}/{Minor}");
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
