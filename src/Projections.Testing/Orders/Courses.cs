namespace Projections.Testing.Orders;

/// <summary>The ways in which a history is folded beside the one that it was given in, the simplest first.</summary>
internal static class Courses
{
    /// <summary>Between more events than these not every place is tried by itself.</summary>
    private const int MostPlaces = 12;

    private const int Mixed = 8;
    private const int MostIncidents = 5;

    /// <summary>What matters to a row shows when it happens everywhere; where it has to happen, the shortest case says.</summary>
    /// <param name="events">How many events there are.</param>
    /// <param name="seed">Leads to the courses that are left to chance.</param>
    public static IEnumerable<Course> Of(int events, int seed)
    {
        yield return Course.Straight;
        yield return new Course([], Place.OtherThread);
        var places = Places(events);
        yield return new Course([new Incident(0, Happening.OthersCome)]);
        if (places.Length == 0)
        {
            yield break;
        }

        yield return Everywhere(places, _ => Happening.BatchEnds);
        yield return Everywhere(places, _ => Happening.Forgets);
        yield return Everywhere(places, _ => Happening.Killed);
        yield return Everywhere(places, _ => Happening.OthersCome);
        yield return Everywhere(places, i => i % 2 == 0 ? Happening.Commits : Happening.Killed);
        var dice = new Random(seed);
        for (var mixed = 0; mixed < Mixed; mixed++)
        {
            yield return new Course([.. Enumerable.Range(0, dice.Next(2, MostIncidents + 1)).Select(_ => Any(dice, events)).OrderBy(incident => incident.Before)]);
        }
    }

    /// <summary>The few that are worth a database: everything written and loaded between events, and a kill after a commit.</summary>
    public static IEnumerable<Course> InDatabase(int events)
    {
        yield return new Course([.. Enumerable.Range(0, events).Select(place => new Incident(place, Happening.Forgets))]);
        yield return new Course([new Incident(events / 2, Happening.Commits), new Incident(events, Happening.Killed)]);
    }

    private static Course Everywhere(IEnumerable<int> places, Func<int, Happening> what) => new([.. places.Select((place, i) => new Incident(place, what(i)))]);

    private static Incident Any(Random dice, int events) => new(dice.Next(0, events + 1), (Happening)dice.Next(0, (int)Happening.OthersCome + 1));

    private static int[] Places(int events) => events - 1 <= MostPlaces
        ? [.. Enumerable.Range(1, Math.Max(0, events - 1))]
        : [.. Enumerable.Range(1, MostPlaces).Select(place => place * events / (MostPlaces + 1)).Distinct()];
}
