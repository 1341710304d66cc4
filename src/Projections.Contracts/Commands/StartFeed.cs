using System;

namespace Projections.Contracts;

/// <summary>Starts a feed of what becomes of the rows that readers of a projection see; or says how long one that is on keeps it.</summary>
public sealed class StartFeed : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>For how many minutes changes are kept, a year at most. The default is a week.</summary>
    public double KeepMinutes { get; set; } = 10_080;

    /// <summary>How many changes of rows are kept at most; all of that time when <c>null</c>.</summary>
    public int? KeepRows { get; set; }

    /// <summary>Whether it is published on the bus, too, from now on (<see cref="ReadModelChanged"/>); published already, it is no more where this is <c>false</c>.</summary>
    public bool Publish { get; set; }

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
