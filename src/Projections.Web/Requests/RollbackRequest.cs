using System.ComponentModel;
using Projections.Switching;

namespace Projections.Web.Requests;

/// <summary>The body of <c>rollback</c>, and how any switch goes about it.</summary>
internal record RollbackRequest
{
    [Description("The reason, kept in the history.")]
    public string? Why { get; init; }

    [Description("Keep exactly the columns that the read name has now.")]
    public bool KeepContract { get; init; }

    [Description("Switch although the version is empty or has far fewer rows than the live one.")]
    public bool AllowSmaller { get; init; }

    [Description("Switch although a running transaction is older than the version and would see it half built.")]
    public bool IgnoreOldSnapshots { get; init; }

    [Description("Switch to a version that another program maintains, whose rows cannot be proved current.")]
    public bool AcceptExternal { get; init; }

    [Description("Switch although readers would see other rows or columns, by row-level security and rights.")]
    public bool AcceptAccess { get; init; }

    [Description("How long readers may queue behind one attempt, in milliseconds: 1 to 60000. The default is 200.")]
    public int LockTimeoutMilliseconds { get; init; } = 200;

    [Description("How long to go on trying, in seconds: 0 to 300. The default is 30.")]
    public int PatienceSeconds { get; init; } = 30;

    public virtual SwitchOptions ToOptions()
    {
        Wrong.Unless(LockTimeoutMilliseconds is >= 1 and <= 60_000, "'lockTimeoutMilliseconds' must be between 1 and 60000.");
        Wrong.Unless(PatienceSeconds is >= 0 and <= 300, "'patienceSeconds' must be between 0 and 300.");
        return new SwitchOptions
        {
            KeepContract = KeepContract,
            AllowSmaller = AllowSmaller,
            IgnoreOldSnapshots = IgnoreOldSnapshots,
            AcceptExternal = AcceptExternal,
            AcceptAccess = AcceptAccess,
            LockTimeout = TimeSpan.FromMilliseconds(LockTimeoutMilliseconds),
            Patience = TimeSpan.FromSeconds(PatienceSeconds),
        };
    }
}
