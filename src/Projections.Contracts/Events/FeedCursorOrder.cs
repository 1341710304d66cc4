using System;
using System.Globalization;

namespace Projections.Contracts;

/// <summary>The order of a feed's cursors: by their three numbers, one after the other.</summary>
internal static class FeedCursorOrder
{
    public static int Compare(string one, string other)
    {
        var (these, those) = (Parse(one), Parse(other));
        for (var i = 0; i < these.Length; i++)
        {
            if (these[i] != those[i])
            {
                return these[i].CompareTo(those[i]);
            }
        }

        return 0;
    }

    private static long[] Parse(string cursor)
    {
        var parts = cursor.Split('-');
        var numbers = new long[3];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (parts.Length != numbers.Length || !long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                throw new FormatException($"'{cursor}' is no cursor of a feed, such as 8812-0-3.");
            }
        }

        return numbers;
    }
}
