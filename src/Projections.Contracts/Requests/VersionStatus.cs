
namespace Projections.Contracts;

/// <summary>How a version of a projection is.</summary>
public sealed class VersionStatus
{
    /// <summary>The version's number.</summary>
    public int Version { get; set; }

    /// <summary>Its state: <c>planned</c>, <c>building</c>, <c>replaying</c>, <c>catching-up</c>, <c>ready</c>, <c>live</c>,
    /// <c>standby</c>, <c>retired</c>, <c>paused</c> or <c>failed</c>.</summary>
    public string State { get; set; } = "";

    /// <summary>The position up to which its rows are complete, as text; <c>null</c> when there is none.</summary>
    public string? Position { get; set; }

    /// <summary>How far behind it is, in events; <c>null</c> when that cannot be said.</summary>
    public long? LagEvents { get; set; }

    /// <summary>How far behind it is, in seconds; <c>null</c> when that cannot be said.</summary>
    public double? LagSeconds { get; set; }

    /// <summary>Whether it is behind by at least so much: the safe head itself is not known yet.</summary>
    public bool LagIsAtLeast { get; set; }

    /// <summary>Whether the number of events was estimated and not counted.</summary>
    public bool LagIsAbout { get; set; }

    /// <summary>How many events it has read and folded.</summary>
    public long EventsDone { get; set; }

    /// <summary>Of how many, while it is being built; <c>null</c> when that is not known.</summary>
    public long? EventsTotal { get; set; }

    /// <summary>Whether <see cref="EventsTotal"/> was estimated and not counted.</summary>
    public bool EventsTotalIsAbout { get; set; }

    /// <summary>How many of its events were set aside and wait for a decision.</summary>
    public long DeadLetters { get; set; }

    /// <summary>How many events turned up behind its position and are missing from its rows.</summary>
    public long LateEvents { get; set; }

    /// <summary>Why it failed; <c>null</c> when it has not.</summary>
    public string? Failure { get; set; }

    /// <summary>The worker that works on it; <c>null</c> when nobody does.</summary>
    public string? Worker { get; set; }
}
