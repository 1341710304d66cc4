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

    /// <summary>The position, as text, of the event that the version stopped at: the event becomes a dead letter, and the version goes
    /// on behind it. Needs a reason. Left out, the version goes on from its checkpoint, and tries the event again.</summary>
    public string? SetAside { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
