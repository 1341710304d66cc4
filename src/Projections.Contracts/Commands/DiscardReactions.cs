using System;

namespace Projections.Contracts;

/// <summary>Decides that events which a projection's reactions could not react to are to have no messages. They stay listed.</summary>
public sealed class DiscardReactions : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The reaction's name; all of the projection's when <c>null</c>.</summary>
    public string? Reaction { get; set; }

    /// <summary>The position of one event, such as <c>561400</c> or <c>8812/8790</c>; all that wait when <c>null</c>.</summary>
    public string? Position { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
