using System;

namespace Projections.Contracts;

/// <summary>Gives up a version that was never live and drops its table. Answered by <see cref="VersionRetired" />.</summary>
public sealed class AbortRebuild : IProjectionCommand
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
