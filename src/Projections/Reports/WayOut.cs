using Projections.Catalog;

namespace Projections.Reports;

/// <summary>What helps a version that has failed.</summary>
/// <param name="Way">Its stable name: <c>set-aside</c>, <c>new-version</c>, <c>upcaster</c>, <c>resume</c>, <c>anew</c>.</param>
/// <param name="What">What to do, and what it does.</param>
internal sealed record WayOut(string Way, string What)
{
    /// <summary>The ways out, in the order in which they help; none for a version that has not failed.</summary>
    public static IReadOnlyList<WayOut> Of(VersionSnapshot version) => version switch
    {
        { Phase: not VersionPhase.Failed } => [],
        // The same handler meets the same event: to resume alone ends where it ended before.
        { FailurePosition: { } position } =>
        [
            new("set-aside", $"If its rows may lack the event at position {position}, set it aside: it becomes a dead letter, which can be folded later, and the version goes on behind it."),
            new("new-version", "If the handler is wrong, mend it in a new version and build that; a version that was built does not change."),
            new("upcaster", "If the event is of an old or a wrong shape, add an upcaster where event types are declared, deploy that, accept it for this version, and resume."),
        ],
        _ =>
        [
            new("resume", "Mend the cause, then resume: the version goes on from its checkpoint."),
            new("anew", "If its table is not to be trusted, build it anew from history; reads stay where they are."),
        ],
    };
}
