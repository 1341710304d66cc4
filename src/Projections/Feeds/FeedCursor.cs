using System.Globalization;

namespace Projections.Feeds;

/// <summary>
/// A place in a projection's feed, behind a message: whoever goes on from it gets the next one. Finer than a position, for several things may happen at one: a switch, rows that
/// differ, a repair. Opaque: it can be kept, compared for equality and given back. As text it is three numbers: <c>8812-0-3</c>.
/// </summary>
public readonly record struct FeedCursor
{
    internal FeedCursor(long entry, int part, int line) => (Entry, Part, Line) = (entry, part, line);

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
