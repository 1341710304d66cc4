using System;

namespace Projections.Contracts;

/// <summary>Vouches for a version that was changed after its table was built: its rows are the same. Needs a reason.</summary>
public sealed class AcceptVersion : IProjectionCommand
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
