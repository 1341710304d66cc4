using System;

namespace Projections.Contracts;

/// <summary>Starts a projection's reactions: the events that follow have their messages.</summary>
public sealed class StartReactions : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The reaction's name; all of the projection's when <c>null</c>.</summary>
    public string? Reaction { get; set; }

    /// <summary>The position behind which events have messages, such as <c>561400</c> or <c>8812/8790</c>; where the projection's versions are now when <c>null</c>. Not an earlier one.</summary>
    public string? From { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
