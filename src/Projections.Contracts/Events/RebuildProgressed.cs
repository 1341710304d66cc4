using System;

namespace Projections.Contracts;

/// <summary>How far a version being built is. Sent at most once a second; what is lost is not sent again.</summary>
public sealed class RebuildProgressed : IProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>Its state: <c>building</c>, <c>replaying</c>, <c>catching-up</c>.</summary>
    public string State { get; set; } = "";

    /// <summary>What it is doing within its state, for people: <c>creating indexes</c>; often <c>null</c>.</summary>
    public string? Activity { get; set; }

    /// <summary>How many events it has read and folded.</summary>
    public long EventsDone { get; set; }

    /// <summary>Of how many; <c>null</c> while that is not known.</summary>
    public long? EventsTotal { get; set; }

    /// <summary>Whether <see cref="EventsTotal"/> was estimated and not counted.</summary>
    public bool EventsTotalIsAbout { get; set; }

    /// <summary>How many a second at the moment; <c>null</c> when it cannot be said.</summary>
    public double? EventsPerSecond { get; set; }

    /// <summary>About how many seconds are left; <c>null</c> when it cannot be said.</summary>
    public double? SecondsLeft { get; set; }

    /// <summary>How far all versions that the same worker is building are together, this one among them.</summary>
    public RebuildsTogether Together { get; set; } = new RebuildsTogether();

    /// <inheritdoc />
    public DateTime At { get; set; }
}

/// <summary>How far several versions are together that one worker is building at the moment.</summary>
public sealed class RebuildsTogether
{
    /// <summary>How many there are.</summary>
    public int Versions { get; set; }

    /// <summary>How many events they have folded, each as often as a version did.</summary>
    public long EventsDone { get; set; }

    /// <summary>Of how many; <c>null</c> while that is not known of one of them.</summary>
    public long? EventsTotal { get; set; }

    /// <summary>Whether some of <see cref="EventsTotal"/> was estimated and not counted.</summary>
    public bool EventsTotalIsAbout { get; set; }

    /// <summary>How many a second at the moment; <c>null</c> when it cannot be said.</summary>
    public double? EventsPerSecond { get; set; }

    /// <summary>About how many seconds are left for all of them; <c>null</c> when it cannot be said.</summary>
    public double? SecondsLeft { get; set; }
}
