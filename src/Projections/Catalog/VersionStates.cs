namespace Projections.Catalog;

/// <summary>The states' names, and which may follow which: the one table of the life of a version.</summary>
public static class VersionStates
{
    private static readonly Dictionary<VersionState, VersionState[]> Next = new()
    {
        [VersionState.Planned] = [VersionState.Building, VersionState.Paused, VersionState.Failed, VersionState.Retired],
        [VersionState.Building] = [VersionState.Replaying, VersionState.Paused, VersionState.Failed, VersionState.Retired],
        [VersionState.Replaying] = [VersionState.CatchingUp, VersionState.Paused, VersionState.Failed, VersionState.Retired],
        [VersionState.CatchingUp] = [VersionState.Ready, VersionState.Paused, VersionState.Failed, VersionState.Retired],
        [VersionState.Ready] = [VersionState.Live, VersionState.CatchingUp, VersionState.Paused, VersionState.Failed, VersionState.Retired],
        [VersionState.Live] = [VersionState.Standby, VersionState.Paused, VersionState.Failed],
        [VersionState.Standby] = [VersionState.Live, VersionState.Paused, VersionState.Failed, VersionState.Retired],
        [VersionState.Retired] = [VersionState.Planned],
        // Back to where it was: which state that is stands in the version's row.
        [VersionState.Paused] = [VersionState.Planned, VersionState.Building, VersionState.Replaying, VersionState.CatchingUp, VersionState.Live, VersionState.Standby, VersionState.Retired, VersionState.Failed],
        [VersionState.Failed] = [VersionState.Planned, VersionState.Building, VersionState.Replaying, VersionState.CatchingUp, VersionState.Live, VersionState.Standby, VersionState.Retired, VersionState.Paused],
    };

    public static bool CanBecome(this VersionState from, VersionState to) => Next[from].Contains(to);

    /// <summary>The state's name in the catalog and everywhere else: <c>catching-up</c>.</summary>
    public static string Text(this VersionState state) => state switch
    {
        VersionState.Planned => "planned",
        VersionState.Building => "building",
        VersionState.Replaying => "replaying",
        VersionState.CatchingUp => "catching-up",
        VersionState.Ready => "ready",
        VersionState.Live => "live",
        VersionState.Standby => "standby",
        VersionState.Retired => "retired",
        VersionState.Paused => "paused",
        VersionState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such state."),
    };

    /// <exception cref="FormatException"><paramref name="text"/> names no state.</exception>
    public static VersionState Parse(string text) =>
        Enum.GetValues<VersionState>().Cast<VersionState?>().FirstOrDefault(state => state!.Value.Text() == text)
        ?? throw new FormatException($"'{text}' is no state of a version.");

    /// <summary>Whether a worker has the version to itself: it is being built or has to come back to the lockstep.</summary>
    public static bool IsBuild(this VersionState state) =>
        state is VersionState.Planned or VersionState.Building or VersionState.Replaying or VersionState.CatchingUp;

    /// <summary>Whether the version is to be kept current.</summary>
    public static bool IsFollowed(this VersionState state) =>
        state is VersionState.Ready or VersionState.Live or VersionState.Standby;
}
