using System;

namespace Projections.Contracts;

/// <summary>A catch-up check finds a version healthy that was not before.</summary>
public sealed class CatchUpRecovered : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>The verdict before: <c>lagging</c>, <c>stuck</c> or <c>broken</c>.</summary>
    public string VerdictBefore { get; set; } = "";

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
