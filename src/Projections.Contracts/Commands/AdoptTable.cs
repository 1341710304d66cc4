using System;

namespace Projections.Contracts;

/// <summary>Takes over an existing table of the projection's name: it becomes version 1, with the view in its place.</summary>
public sealed class AdoptTable : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The position up to which the rows are complete, such as <c>561400</c> or <c>8812/8790</c>; the table is followed from there. <c>null</c> when
    /// another program goes on maintaining it.</summary>
    public string? At { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
