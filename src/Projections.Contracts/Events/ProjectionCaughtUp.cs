using System;

namespace Projections.Contracts;

/// <summary>A version is ready: it has caught up, is followed from now on, and can be switched to.</summary>
public sealed class ProjectionCaughtUp : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>The position up to which its rows were complete, as text; <c>null</c> when there was none.</summary>
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
