using System;

namespace Projections.Contracts;

/// <summary>Limits how many events a second a version that is being built may take; obeyed within a second or two.</summary>
public sealed class ThrottleRebuild : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version; may be left out where it is plain.</summary>
    public int? Version { get; set; }

    /// <summary>Events a second at most; no limit when <c>null</c>.</summary>
    public int? EventsPerSecond { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
