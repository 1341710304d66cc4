using System.Globalization;

namespace Projections.Feeds;

/// <summary>
/// A place in a projection's feed, behind a message: whoever goes on from it gets the next one. Finer than a position, for several things may happen at one: a switch, rows that
/// differ, a repair. As text it is three numbers: <c>8812-0-3</c>. Of two of one feed that is the later one whose first number is the greater, or at the same one its second, or its third.
/// </summary>
public readonly record struct FeedCursor
{
    /// <summary>Behind all lines of an entry, and behind all parts of a number.</summary>
    internal const int All = int.MaxValue;

    internal FeedCursor(long entry, int part, int line) => (Entry, Part, Line) = (entry, part, line);

    /// <summary>Behind all that stands under a number.</summary>
    internal static FeedCursor Behind(long entry) => new(entry, All, All);

    internal long Entry { get; }

    internal int Part { get; }

    /// <summary>How many lines of the entry lie before it.</summary>
    internal int Line { get; }

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out FeedCursor cursor)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('-');
        var isOne = parts.Length == 3
            & long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var entry)
            & int.TryParse(parts.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out var part)
            & int.TryParse(parts.ElementAtOrDefault(2), NumberStyles.None, CultureInfo.InvariantCulture, out var line);
        cursor = isOne ? new FeedCursor(entry, part, line) : default;
        return isOne;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Entry}-{Part}-{Line}");
}
