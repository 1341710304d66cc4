using System.Globalization;

namespace Projections.Serving;

/// <summary>How many databases are as they should be, and which need a look.</summary>
/// <param name="Databases">How many there are.</param>
/// <param name="Well">How many of them are as they should be.</param>
/// <param name="NeedALook">The others, by name.</param>
/// <param name="ListTrouble">Why the list of databases cannot be read; <c>null</c> when it can.</param>
internal sealed record DatabasesSummary(int Databases, int Well, IReadOnlyList<DatabaseTroubles> NeedALook, string? ListTrouble = null)
{
    private const int MostTold = 5;

    /// <summary>In one line: <c>198 of 200 as they should be; 2 need a look: …</c>.</summary>
    public string Text
    {
        get
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{Well} of {Databases} as they should be");
            text += NeedALook.Count == 0 ? "." : string.Create(CultureInfo.InvariantCulture, $"; {NeedALook.Count} {(NeedALook.Count == 1 ? "needs" : "need")} a look: ")
                + string.Join(" ", NeedALook.Take(MostTold).Select(one => $"{one.Database}: {one.Troubles[0]}"))
                + (NeedALook.Count > MostTold ? string.Create(CultureInfo.InvariantCulture, $" And {NeedALook.Count - MostTold} more.") : "");
            return ListTrouble is null ? text : $"{text} The list of databases cannot be read: {ListTrouble}";
        }
    }

    public static DatabasesSummary Of(IReadOnlyList<ServedDatabase> all, string? listTrouble = null) =>
        Of(all.Select(database => new DatabaseTroubles(database.Name ?? "", database.Troubles)), listTrouble);

    /// <param name="all">All of them, with what is to be looked at, if anything.</param>
    /// <param name="listTrouble">Why there may be more.</param>
    public static DatabasesSummary Of(IEnumerable<DatabaseTroubles> all, string? listTrouble = null)
    {
        var found = all.ToList();
        var bad = found.Where(one => one.Troubles.Count > 0).ToList();
        return new DatabasesSummary(found.Count, found.Count - bad.Count, bad, listTrouble);
    }
}

/// <param name="Database">Its name.</param>
/// <param name="Troubles">What somebody should look at.</param>
internal sealed record DatabaseTroubles(string Database, IReadOnlyList<string> Troubles);
