using System;

namespace Projections.Contracts;

/// <summary>Points the read name at a version that is ready. Answered by <see cref="ProjectionSwitched" />.</summary>
public sealed class SwitchProjection : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version.</summary>
    public int Version { get; set; }

    /// <summary>Whether the read name keeps exactly the columns that it has. The default is no.</summary>
    public bool KeepContract { get; set; }

    /// <summary>Whether to switch although a running snapshot is older than the new version's completion. The default is no.</summary>
    public bool IgnoreOldSnapshots { get; set; }

    /// <summary>Whether the new version may be empty or far smaller than the live one. The default is no.</summary>
    public bool AllowSmaller { get; set; }

    /// <summary>Whether to switch to a version that another program maintains. The default is no.</summary>
    public bool AcceptExternal { get; set; }

    /// <summary>Whether readers may see other rows or columns behind the version, by its row-level security and rights. The default is no.</summary>
    public bool AcceptAccess { get; set; }

    /// <summary>Whether to refuse a version that no comparison has found to agree with the live one. The default is no.</summary>
    public bool RequireVerified { get; set; }

    /// <summary>How long ago that comparison may be, in minutes. The default is 60.</summary>
    public double VerifiedWithinMinutes { get; set; } = 60;

    /// <summary>How far behind the event store the version may be, in seconds. The default is 10.</summary>
    public double MaxLagSeconds { get; set; } = 10;

    /// <summary>How long readers may queue behind one attempt, in milliseconds, 60000 at most. The default is 200.</summary>
    public double LockTimeoutMilliseconds { get; set; } = 200;

    /// <summary>How long to go on trying, in seconds, 1200 at most. The default is 60.</summary>
    public double PatienceSeconds { get; set; } = 60;

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
