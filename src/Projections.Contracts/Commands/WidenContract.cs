using System;

namespace Projections.Contracts;

/// <summary>Lets a read name that was switched with its contract kept show all columns of the live version.</summary>
public sealed class WidenContract : IProjectionCommand
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
