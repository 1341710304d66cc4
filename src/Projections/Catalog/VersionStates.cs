namespace Projections.Catalog;

/// <summary>The states' names, and what they say.</summary>
internal static class VersionStates
{
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
