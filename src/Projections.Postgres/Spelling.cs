namespace Projections.Postgres;

/// <summary>Finds the word that was meant where one is misspelt.</summary>
internal static class Spelling
{
    // A slip of the finger; what is further away is another word.
    private const int FewLetters = 2;

    /// <returns>The nearest of the known words, in whatever case; <c>null</c> when none is near.</returns>
    public static string? Meant(string word, IEnumerable<string> known) =>
        known.Select(other => (Word: other, Distance: Distance(word, other)))
            .Where(other => word.Length > FewLetters + 1 && other.Distance <= FewLetters)
            .OrderBy(other => other.Distance)
            .Select(other => other.Word)
            .FirstOrDefault();

    /// <summary>How many letters have to be put in, taken out or changed to come from one word to the other (Levenshtein's distance).</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
