
namespace Projections.Catalog.Announcements;

/// <summary>What happened to a version. Stored by these names, so they are not changed.</summary>
internal enum AnnouncementKind
{
    /// <summary>A worker has begun to build it.</summary>
    RebuildStarted,

    /// <summary>It is ready: caught up, and followed from now on.</summary>
    CaughtUp,

    /// <summary>Reads go to it.</summary>
    Switched,

    /// <summary>Reads go to it again, back from a later version.</summary>
    RolledBack,

    /// <summary>It has stopped with an error.</summary>
    Failed,

    /// <summary>It was retired, or given up while it was built.</summary>
    Retired,

    /// <summary>A check finds it lagging, stuck or broken, and found it better before.</summary>
    Lagging,

    /// <summary>A check finds it healthy again.</summary>
    Recovered,

    /// <summary>It was compared as somebody ordered, with another version or with its events.</summary>
    Verified,

    /// <summary>Some of its rows were folded anew as somebody ordered.</summary>
    Repaired,

    /// <summary>Late events were folded into its rows, or cannot be.</summary>
    LateEvents,

    /// <summary>Something that was ordered could not be done.</summary>
    WorkFailed,
}
