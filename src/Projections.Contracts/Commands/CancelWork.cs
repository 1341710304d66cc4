using System;

namespace Projections.Contracts;

/// <summary>Calls off a <see cref="VerifyProjection" /> or a <see cref="RepairProjection" /> that has not ended. Answered by
/// <see cref="WorkFailed" />.</summary>
public sealed class CancelWork : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The id of the command that gave the order.</summary>
    public Guid Order { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
