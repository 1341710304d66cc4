using System;

namespace Projections.Contracts;

/// <summary>Asks for a catch-up check now, beside the scheduled ones. Answered, where the verdict changes, by
/// <see cref="ProjectionLagging" /> or <see cref="CatchUpRecovered" />.</summary>
public sealed class CheckCatchUp : IProjectionCommand
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
