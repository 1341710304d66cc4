using System;

namespace Projections.Contracts;

/// <summary>Reads of a projection go back to a version that was live before.</summary>
public sealed class ProjectionRolledBack : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>The version that was live before; <c>null</c> at the first switch.</summary>
    public int? From { get; set; }

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
