using System;

namespace Projections.Contracts;

/// <summary>A version was retired, or given up while it was built. Its table goes as soon as its worker has let go.</summary>
public sealed class VersionRetired : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>What state it was in: <c>replaying</c>, <c>live</c>.</summary>
    public string State { get; set; } = "";

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
