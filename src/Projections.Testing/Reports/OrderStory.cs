using Projections.Testing.Orders;

namespace Projections.Testing.Reports;

/// <summary>A way of folding in words.</summary>
/// <param name="When">The end of a sentence: when the row is another.</param>
/// <param name="Heading">What stands over the row that came of it.</param>
/// <param name="Hint">What to look for in the handler.</param>
internal sealed record OrderStory(string When, string Heading, string Hint)
{
    public static OrderStory Of(Course course) => course switch
    {
        { Place: Place.OtherProcess } => new(
            "in another process",
            "in another process",
            "Look for what is another in each process: hash codes and what is ordered by them, static fields and caches, the environment, the time zone, the culture."),
        { Place: Place.OtherThread } => new(
            "on another thread and in another culture",
            "on another thread",
            "Look for a text made without CultureInfo.InvariantCulture, and for what belongs to a thread."),
        { Incidents: [] } => new(
            "when the same events are folded once more",
            "folded once more",
            "Look for what outlives a fold: a static field, a field of the version, a variable that a handler has captured, a cache, a clock, a generator of numbers."),
        { Incidents: [{ What: var what }] } => new(WhenOf(what), "in this way", HintOf(what)),
        _ => new("when this happens on the way", "in this way", "Look for what a handler keeps beside its row and its event."),
    };

    /// <summary>What stands between two events.</summary>
    public static string Of(Happening what) => what switch
    {
        Happening.BatchEnds => "a batch ends",
        Happening.Commits => "the rows are written",
        Happening.Forgets => "the rows are written, go out of memory, and are loaded when they are needed",
        Happening.Killed => "the worker is killed, and another goes on from the last commit",
        _ => "other streams come in between",
    };

    private static string WhenOf(Happening what) => what switch
    {
        Happening.BatchEnds => "when a batch ends on the way",
        Happening.Forgets => "when rows go out of memory and are loaded again",
        Happening.Killed => "when the worker is killed on the way",
        Happening.OthersCome => "when events of other streams come in between",
        _ => "when rows are written on the way",
    };

    private static string HintOf(Happening what) => what switch
    {
        Happening.BatchEnds => "Look for an event that is kept, which is good only while its handler runs, and for what flows with a call (AsyncLocal).",
        Happening.Forgets => "Look for what no column keeps: a member that is [NotMapped] or private, a row or an array that is kept and changed later, a key that is worked out otherwise the second time.",
        Happening.OthersCome => "Look for what another event has left behind: a static field, a field of the version, a variable that a handler has captured.",
        _ => "Look for what outlives a worker: a static field, a field of the version, a variable that a handler has captured, a cache.",
    };
}
