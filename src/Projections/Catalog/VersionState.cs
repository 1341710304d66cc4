namespace Projections.Catalog;

/// <summary>
/// The life of a version as people see it, in order: what follows from its <see cref="VersionPhase"/> and <see cref="VersionRole"/>, by
/// the catalog's column <c>state</c>. The names of <see cref="VersionStates.Text"/> stand in messages, metrics, commands and on the page.
/// </summary>
public enum VersionState
{
    /// <summary>Asked for; no worker has begun.</summary>
    Planned,

    /// <summary>A worker checks the schema and creates the table.</summary>
    Building,

    /// <summary>History is being read into the table; then the indexes are built and the statistics taken.</summary>
    Replaying,

    /// <summary>What was appended during the replay is being folded; ends with the entry into the lockstep.</summary>
    CatchingUp,

    /// <summary>In the lockstep, and can be switched to.</summary>
    Ready,

    /// <summary>The read name points to it.</summary>
    Live,

    /// <summary>Was live before the last switch, and is kept current for a rollback.</summary>
    Standby,

    /// <summary>Its table is gone.</summary>
    Retired,

    /// <summary>Stopped by a command; goes on from its checkpoint when resumed.</summary>
    Paused,

    /// <summary>Stopped by an error, which is kept with the position; goes on from its checkpoint when resumed.</summary>
    Failed,
}
