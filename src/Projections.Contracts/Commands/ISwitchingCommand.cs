using System.Collections.Generic;

namespace Projections.Contracts;

/// <summary>What a command that moves reads says of the gates, to whichever version they move.</summary>
public interface ISwitchingCommand : IProjectionCommand
{
    /// <summary>Other projections whose reads move in the same transaction, each with a version: <c>customer_total=3</c>. It is the one that reads go to, and at a
    /// rollback the one that they leave.</summary>
    IReadOnlyList<string> With { get; }

    /// <summary>Whether the read name keeps exactly the columns that it has. The default is no.</summary>
    bool KeepContract { get; }

    /// <summary>Whether to switch although a running snapshot is older than the new version's completion. The default is no.</summary>
    bool IgnoreOldSnapshots { get; }

    /// <summary>Whether the new version may be empty or far smaller than the live one. The default is no.</summary>
    bool AllowSmaller { get; }

    /// <summary>Whether to switch to a version that another program maintains. The default is no.</summary>
    bool AcceptExternal { get; }

    /// <summary>Whether readers may see other rows or columns behind the version, by its row-level security and rights. The default is no.</summary>
    bool AcceptAccess { get; }

    /// <summary>Whether statements that readers were seen to send may fail or get far slower. The default is no.</summary>
    bool AcceptSlower { get; }

    /// <summary>Whether to refuse a version that no comparison has found to agree with the live one. The default is no.</summary>
    bool RequireVerified { get; }

    /// <summary>How long ago that comparison may be, in minutes. The default is 60.</summary>
    double VerifiedWithinMinutes { get; }

    /// <summary>How far behind the event store the version may be, in seconds. The default is 10.</summary>
    double MaxLagSeconds { get; }

    /// <summary>How long readers may queue behind one attempt, in milliseconds, 60000 at most. The default is 200.</summary>
    double LockTimeoutMilliseconds { get; }

    /// <summary>How long to go on trying, in seconds, 1200 at most. The default is 60.</summary>
    double PatienceSeconds { get; }
}
