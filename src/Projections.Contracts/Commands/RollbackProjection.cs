using System;
using System.Collections.Generic;

namespace Projections.Contracts;

/// <summary>Points the read name at the version that was live before. Answered by <see cref="ProjectionRolledBack" />.</summary>
public sealed class RollbackProjection : ISwitchingCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

    /// <summary>The version that reads are to leave; whichever is live when <c>null</c>.</summary>
    public int? From { get; set; }

    /// <inheritdoc />
    public IReadOnlyList<string> With { get; set; } = Array.Empty<string>();

    /// <inheritdoc />
    public bool KeepContract { get; set; }

    /// <inheritdoc />
    public bool IgnoreOldSnapshots { get; set; }

    /// <inheritdoc />
    public bool AllowSmaller { get; set; }

    /// <inheritdoc />
    public bool AcceptExternal { get; set; }

    /// <inheritdoc />
    public bool AcceptAccess { get; set; }

    /// <inheritdoc />
    public bool AcceptSlower { get; set; }

    /// <inheritdoc />
    public bool RequireVerified { get; set; }

    /// <inheritdoc />
    public double VerifiedWithinMinutes { get; set; } = 60;

    /// <inheritdoc />
    public double MaxLagSeconds { get; set; } = 10;

    /// <inheritdoc />
    public double LockTimeoutMilliseconds { get; set; } = 200;

    /// <inheritdoc />
    public double PatienceSeconds { get; set; } = 60;

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
