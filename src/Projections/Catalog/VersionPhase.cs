namespace Projections.Catalog;

/// <summary>What happens to a version, in order. Workers change it, and pause, resume, abort and retire; never a switch.</summary>
public enum VersionPhase
{
    /// <summary>Asked for; no worker has begun.</summary>
    Planned,

    /// <summary>A worker checks the schema and creates the table.</summary>
    Building,

    /// <summary>History is being read into the table; then the indexes are built and the statistics taken.</summary>
    Replaying,

    /// <summary>Nears the present: after the replay, after a pause, or after it dropped out of the lockstep.</summary>
    CatchingUp,

    /// <summary>Near enough to be taken into the lockstep by whoever leads it; nobody holds its lease.</summary>
    Offered,

    /// <summary>In the lockstep.</summary>
    Following,

    /// <summary>Stopped by a command.</summary>
    Paused,

    /// <summary>Stopped by an error, which is kept with the position.</summary>
    Failed,

    /// <summary>Its table is gone, or is about to be dropped.</summary>
    Retired,

    /// <summary>Another program writes the table, which was adopted.</summary>
    External,
}

/// <summary>The phases' names, and which may follow which: the one table of what can happen to a version.</summary>
internal static class VersionPhases
{
    private static readonly Dictionary<VersionPhase, VersionPhase[]> Next = new()
    {
        [VersionPhase.Planned] = [VersionPhase.Building, VersionPhase.Paused, VersionPhase.Failed, VersionPhase.Retired],
        [VersionPhase.Building] = [VersionPhase.Replaying, VersionPhase.Paused, VersionPhase.Failed, VersionPhase.Retired],
        [VersionPhase.Replaying] = [VersionPhase.CatchingUp, VersionPhase.Paused, VersionPhase.Failed, VersionPhase.Retired],
        [VersionPhase.CatchingUp] = [VersionPhase.Offered, VersionPhase.Paused, VersionPhase.Failed, VersionPhase.Retired],
        // Back to catching up when too much has come in since the offer.
        [VersionPhase.Offered] = [VersionPhase.Following, VersionPhase.CatchingUp, VersionPhase.Paused, VersionPhase.Failed, VersionPhase.Retired],
        [VersionPhase.Following] = [VersionPhase.CatchingUp, VersionPhase.Paused, VersionPhase.Failed, VersionPhase.Retired],
        [VersionPhase.Paused] = [VersionPhase.Planned, VersionPhase.Replaying, VersionPhase.CatchingUp, VersionPhase.Retired],
        [VersionPhase.Failed] = [VersionPhase.Planned, VersionPhase.Replaying, VersionPhase.CatchingUp, VersionPhase.Paused, VersionPhase.Retired],
        [VersionPhase.Retired] = [VersionPhase.Planned],
        [VersionPhase.External] = [VersionPhase.Retired],
    };

    public static bool CanBecome(this VersionPhase from, VersionPhase to) => Next[from].Contains(to);

    /// <summary>Whether nobody works on it, because somebody or something stopped that.</summary>
    public static bool IsStopped(this VersionPhase phase) => phase is VersionPhase.Paused or VersionPhase.Failed or VersionPhase.Retired;

    /// <summary>Whether a worker is to have it to itself: it is being built, or has to come back to the lockstep.</summary>
    public static bool IsBuild(this VersionPhase phase) => phase is VersionPhase.Planned or VersionPhase.Building or VersionPhase.Replaying or VersionPhase.CatchingUp;

    /// <summary>The phase's name in the catalog: <c>catching-up</c>.</summary>
    public static string Text(this VersionPhase phase) => phase switch
    {
        VersionPhase.Planned => "planned",
        VersionPhase.Building => "building",
        VersionPhase.Replaying => "replaying",
        VersionPhase.CatchingUp => "catching-up",
        VersionPhase.Offered => "offered",
        VersionPhase.Following => "following",
        VersionPhase.Paused => "paused",
        VersionPhase.Failed => "failed",
        VersionPhase.Retired => "retired",
        VersionPhase.External => "external",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "There is no such phase."),
    };

    /// <exception cref="FormatException"><paramref name="text"/> names no phase.</exception>
    public static VersionPhase Parse(string text) =>
        Enum.GetValues<VersionPhase>().Cast<VersionPhase?>().FirstOrDefault(phase => phase!.Value.Text() == text)
        ?? throw new FormatException($"'{text}' is no phase of a version.");
}
