using System;

namespace Projections.Contracts;

/// <summary>A version was compared with another, or with its own events, as a command asked for.</summary>
public sealed class ProjectionVerified : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>The id of the command that asked for it.</summary>
    public Guid CommandId { get; set; }

    /// <summary>The version that it was compared with; <c>null</c> when it was compared with its own events.</summary>
    public int? ComparedWith { get; set; }

    /// <summary>Whether no row differs in what is not meant to differ.</summary>
    public bool Agrees { get; set; }

    /// <summary>How many rows are equal.</summary>
    public long Equal { get; set; }

    /// <summary>How many rows both have, with other values.</summary>
    public long Differing { get; set; }

    /// <summary>How many rows only the version with the lower number has; against events, only the table.</summary>
    public long OnlyEarlier { get; set; }

    /// <summary>How many rows only the version with the higher number has; against events, only the fold of the events.</summary>
    public long OnlyLater { get; set; }

    /// <summary>The position at which they were compared, as text; <c>null</c> when another program writes one of them.</summary>
    public string? Position { get; set; }

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
