using System;

namespace Projections.Contracts;

/// <summary>What a command asked for was accepted, and then could not be done. Nothing is tried again by itself.</summary>
public sealed class WorkFailed : IRecordedProjectionEvent
{
    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <inheritdoc />
    public int Version { get; set; }

    /// <summary>The id of the command that asked for it.</summary>
    public Guid CommandId { get; set; }

    /// <summary>What was to be done: <c>verify</c>, <c>verify-against-events</c>, <c>repair</c> or <c>dry-run</c>.</summary>
    public string Work { get; set; } = "";

    /// <summary>Why it could not be done, and what to do about it.</summary>
    public string Error { get; set; } = "";

    /// <inheritdoc />
    public string Who { get; set; } = "";

    /// <inheritdoc />
    public string? Why { get; set; }

    /// <inheritdoc />
    public long Sequence { get; set; }

    /// <inheritdoc />
    public DateTime At { get; set; }
}
