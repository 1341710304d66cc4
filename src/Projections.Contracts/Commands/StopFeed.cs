using System;

namespace Projections.Contracts;

/// <summary>Ends a projection's feed: nothing is written any more, and what was kept is dropped.</summary>
public sealed class StopFeed : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
