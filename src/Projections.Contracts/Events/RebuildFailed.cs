using System;

namespace Projections.Contracts;

/// <summary>A version has stopped with an error, while it was built or followed. It goes on from its checkpoint when it is resumed.</summary>
public sealed class RebuildFailed : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>What state it was in: <c>replaying</c>, <c>live</c>.</summary>
    public string State { get; set; } = "";

    /// <summary>What went wrong, and what to do about it.</summary>
    public string Error { get; set; } = "";

    /// <summary>The position of the event that it stumbled over, as text; <c>null</c> when it was not an event.</summary>
    public string? Position { get; set; }

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
