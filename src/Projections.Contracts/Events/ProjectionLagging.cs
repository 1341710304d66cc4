using System;
using System.Collections.Generic;

namespace Projections.Contracts;

/// <summary>A catch-up check finds a version lagging, stuck or broken, and found it better before.</summary>
public sealed class ProjectionLagging : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>The verdict: <c>lagging</c> (behind, but moving), <c>stuck</c> (not moving) or <c>broken</c> (does not mend by itself).</summary>
    public string Verdict { get; set; } = "";

    /// <summary>What was found, and what to do about it, in sentences.</summary>
    public IReadOnlyList<string> Findings { get; set; } = Array.Empty<string>();

    /// <summary>How far behind it is, in events; <c>null</c> when that cannot be said.</summary>
    public long? LagEvents { get; set; }

    /// <summary>How far behind it is, in seconds; <c>null</c> when that cannot be said.</summary>
    public double? LagSeconds { get; set; }

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
