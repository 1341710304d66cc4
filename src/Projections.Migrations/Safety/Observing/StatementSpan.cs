using Projections.Migrations.Parsing;

namespace Projections.Migrations.Safety.Observing;

/// <summary>
/// Neighbouring statements of a file that are run, and looked at, as one. Nearly always that is one statement; such as only change rows come
/// by the thousand, and each by itself is not worth a look.
/// </summary>
/// <param name="First">The place of the first one in the file, from 0.</param>
/// <param name="Count">How many they are.</param>
internal readonly record struct StatementSpan(int First, int Count)
{
    // Enough that looking at them costs nothing beside running them, and few enough to be run again.
    private const int LongestCount = 1000;
    private const int LongestText = 1_000_000;

    private static readonly string[] RowWords = ["insert", "update", "delete", "merge"];

    /// <summary>Where to cut when nobody knows which one it is.</summary>
    public int Middle => First + (Count / 2);

    /// <param name="statements">The statements of a file.</param>
    /// <param name="alone">The places of those that stand alone in any case.</param>
    /// <returns>All of them, in order.</returns>
    public static IReadOnlyList<StatementSpan> Of(IReadOnlyList<SqlStatement> statements, IReadOnlyCollection<int> alone)
    {
        var spans = new List<StatementSpan>();
        var length = 0;
        for (var place = 0; place < statements.Count; place++)
        {
            length += statements[place].Text.Length;
            if (spans.Count > 0 && spans[^1] is { Count: < LongestCount } last && length <= LongestText
                && RowWord(statements[place]) is { } word && word == RowWord(statements[last.First])
                && !alone.Contains(place) && !alone.Contains(last.First))
            {
                spans[^1] = last with { Count = last.Count + 1 };
            }
            else
            {
                spans.Add(new StatementSpan(place, 1));
                length = statements[place].Text.Length;
            }
        }

        return spans;
    }

    /// <summary>Whether a statement changes rows and nothing else, so that the catalog stays as it is.</summary>
    public static bool IsOfRowsOnly(SqlStatement statement) => RowWord(statement) is not null;

    /// <summary>Sets one of several statements apart.</summary>
    /// <returns>What comes before it, itself, and what comes after it.</returns>
    public IEnumerable<StatementSpan> CutAt(int place)
    {
        StatementSpan[] parts = [new(First, place - First), new(place, 1), new(place + 1, First + Count - place - 1)];
        return parts.Where(part => part.Count > 0);
    }

    private static string? RowWord(SqlStatement statement) => Array.Find(RowWords, word => statement.StartsWith(word));
}
