using System;

namespace Projections.Contracts;

/// <summary>Ends a projection's reactions: the events that follow have no messages. Those that wait are passed on all the same.</summary>
public sealed class StopReactions : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The reaction's name; all of the projection's when <c>null</c>.</summary>
    public string? Reaction { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
