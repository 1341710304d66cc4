using System;

namespace Projections.Contracts;

/// <summary>Lets work go on, from the checkpoint, on a version that was paused or has failed.</summary>
public sealed class ResumeRebuild : IProjectionCommand
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
