using System;

namespace Projections.Contracts;

/// <summary>Points the read name at the version that was live before. Answered by <see cref="ProjectionRolledBack" />.</summary>
public sealed class RollbackProjection : IProjectionCommand
{
    /// <inheritdoc />
    public Guid CommandId { get; set; }

    /// <inheritdoc />
    public string Projection { get; set; } = "";

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

    /// <inheritdoc />
    public string RequestedBy { get; set; } = "";

    /// <inheritdoc />
    public string? Reason { get; set; }
}
