using System;

namespace Projections.Contracts;

/// <summary>Drops the table of a version that stands by; there is no rollback to it afterwards. Answered by <see cref="VersionRetired" />.</summary>
public sealed class RetireVersion : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version.</summary>
    public int Version { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
