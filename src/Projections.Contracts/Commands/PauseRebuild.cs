using System;

namespace Projections.Contracts;

/// <summary>Stops work on a version until it is resumed; it keeps what it has.</summary>
public sealed class PauseRebuild : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version; may be left out where only one can be meant.</summary>
    public int? Version { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
