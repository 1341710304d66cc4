using System;

namespace Projections.Contracts;

/// <summary>Asks for two versions to be compared row by row, or one with its own events. Answered by <see cref="ProjectionVerified" />,
/// whatever the comparison finds, or by <see cref="WorkFailed" />.</summary>
public sealed class VerifyProjection : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>Whether one version is compared with a fold of its own events. The default is no: two versions are compared.</summary>
    public bool AgainstEvents { get; set; }

    /// <summary>The version that is compared: with its events, or with <see cref="ComparedWith" />. The newest beside the live one when
    /// <c>null</c>; against events, the live one.</summary>
    public int? Version { get; set; }

    /// <summary>The version that it is compared with; the live one when <c>null</c>. Not with <see cref="AgainstEvents" />.</summary>
    public int? ComparedWith { get; set; }

    /// <summary>Which part of the rows is compared with their events, above 0 and at most 1. The default is 1: all.</summary>
    public double Sample { get; set; } = 1;

    /// <summary>How long to wait for two versions to be at the same position, in seconds. The default is 30.</summary>
    public double PatienceSeconds { get; set; } = 30;

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
