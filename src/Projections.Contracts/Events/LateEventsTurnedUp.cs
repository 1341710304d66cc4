using System;

namespace Projections.Contracts;

/// <summary>Events turned up behind a version's checkpoint, at numbers that had been believed dead. They were folded into its rows, or cannot be.</summary>
public sealed class LateEventsTurnedUp : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>How many there are.</summary>
    public int Count { get; set; }

    /// <summary>The position of the first, as text.</summary>
    public string? Position { get; set; }

    /// <summary>Why the rows cannot get them, which makes the version broken; <c>null</c> when the rows have them now.</summary>
    public string? Error { get; set; }

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
