using System;
using System.Collections.Generic;

namespace Projections.Contracts;

/// <summary>Asks for some rows to be folded anew from their events, all that any of the properties names. Answered by
/// <see cref="RowsRepaired" /> or <see cref="WorkFailed" />.</summary>
public sealed class RepairProjection : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version; the live one when <c>null</c>.</summary>
    public int? Version { get; set; }

    /// <summary>Keys of rows; the parts of one with commas between them, or as a JSON array.</summary>
    public IReadOnlyList<string> Keys { get; set; } = Array.Empty<string>();

    /// <summary>Streams: all rows that their events are for.</summary>
    public IReadOnlyList<string> Streams { get; set; } = Array.Empty<string>();

    /// <summary>A tenant: all rows that its events are for. Reads the whole history.</summary>
    public string? Tenant { get; set; }

    /// <summary>Whether the rows in which the version differs from the live one are meant, or the live one from the newest beside it.</summary>
    public bool WhereDifferent { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
