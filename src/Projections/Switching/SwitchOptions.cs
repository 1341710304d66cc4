using System.ComponentModel.DataAnnotations;

namespace Projections.Switching;

/// <summary>How a switch goes about it.</summary>
public sealed record SwitchOptions
{
    /// <summary>How long an attempt may wait for the lock on the read name, hence how long readers may queue behind it; the first attempts
    /// wait for less. The default is 200 milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long to go on trying, over all attempts and waits. The default is one minute.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the read name keeps exactly the columns that it has; <c>projections contract</c> widens it later.</summary>
    public bool KeepContract { get; init; }

    /// <summary>Whether to switch although a running snapshot is older than the new version's completion.</summary>
    public bool IgnoreOldSnapshots { get; init; }

    /// <summary>Whether the new version may be empty or far smaller than the live one.</summary>
    public bool AllowSmaller { get; init; }

    /// <summary>Whether to switch to a version that another program maintains, whose rows cannot be proved current.</summary>
    public bool AcceptExternal { get; init; }

    /// <summary>Whether readers may see other rows or columns behind the new version, by its row-level security and rights.</summary>
    public bool AcceptAccess { get; init; }

    /// <summary>Whether to refuse a version whose rows were not found to agree with the live one's by a comparison.</summary>
    public bool RequireVerified { get; init; }

    /// <summary>How long ago that comparison may be. The default is one hour.</summary>
    public TimeSpan VerifiedWithin { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How far behind the source's safe head the new version may be, in seconds. The default is 10 seconds.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(10);
}
