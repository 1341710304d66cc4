using System;

namespace Projections.Contracts;

/// <summary>Has waiting dead letters folded once more.</summary>
public sealed class RetryDeadLetters : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version; the live one when <c>null</c>.</summary>
    public int? Version { get; set; }

    /// <summary>The position of one event, such as <c>561400</c> or <c>8812/8790</c>; all that wait when <c>null</c>.</summary>
    public string? Position { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
