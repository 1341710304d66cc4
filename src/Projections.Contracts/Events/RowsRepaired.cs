using System;

namespace Projections.Contracts;

/// <summary>Rows of a version were folded anew from their events, as a command asked for.</summary>
public sealed class RowsRepaired : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>The id of the command that asked for it.</summary>
    public Guid CommandId { get; set; }

    /// <summary>How many rows were folded anew.</summary>
    public int Rows { get; set; }

    /// <summary>How many of them the table had before.</summary>
    public int Before { get; set; }

    /// <summary>How many of them it has now.</summary>
    public int After { get; set; }

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
