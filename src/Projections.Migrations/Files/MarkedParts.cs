using System.Text.RegularExpressions;

namespace Projections.Migrations.Files;

/// <summary>A text with the way there and the way back in one, each begun by a line of its own. What stands before the first belongs to both.</summary>
/// <param name="Up">The way there. Each line is where it is in the whole; the lines of the other part are empty.</param>
/// <param name="Down">The way back, in the same form.</param>
internal sealed partial record MarkedParts(string Up, string Down)
{
    /// <summary>By the lines <c>-- up</c> and <c>-- down</c>.</summary>
    public static MarkedParts Of(string text) => Of(text, Marker());

    /// <param name="text">The whole.</param>
    /// <param name="marker">The line that begins a part; its group <c>part</c> is <c>up</c> or <c>down</c>.</param>
    public static MarkedParts Of(string text, Regex marker)
    {
        var (up, down) = (new List<string>(), new List<string>());
        var part = "";
        foreach (var line in text.Split('\n'))
        {
            part = marker.Match(line) is { Success: true } begins ? begins.Groups["part"].Value.ToLowerInvariant() : part;
            up.Add(part == "down" ? "" : line);
            down.Add(part == "up" ? "" : line);
        }

        // Where no line begins a part, all is the way there, and its settings are the way back's as well.
        return new MarkedParts(string.Join('\n', up), string.Join('\n', part.Length == 0 ? down.TakeWhile(IsComment) : down));
    }

    private static bool IsComment(string line) => line.TrimStart() is "" or ['-', '-', ..];

    [GeneratedRegex(@"^--\s*(?<part>up|down)\s*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Marker();
}
