using System.CommandLine;
using Projections.Switching;

namespace Projections.CommandLine.Commands;

/// <summary>The options that say how a switch goes about it, the same for <c>switch</c> and <c>rollback</c>.</summary>
internal sealed class SwitchOptionSet
{
    private static readonly SwitchOptions Defaults = new();

    private readonly Option<bool> _keepContract = new("--keep-contract") { Description = "Keep exactly the columns that the read name has now." };
    private readonly Option<bool> _allowSmaller = new("--allow-smaller") { Description = "Switch although the version is empty or has far fewer rows than the live one." };
    private readonly Option<bool> _ignoreOldSnapshots = new("--ignore-old-snapshots") { Description = "Switch although a running transaction is older than the version and would see it half built." };
    private readonly Option<bool> _acceptExternal = new("--accept-external") { Description = "Switch to a version that another program maintains, whose rows cannot be proved current." };
    private readonly Option<bool> _acceptAccess = new("--accept-access") { Description = "Switch although readers would see other rows or columns, by row-level security and rights." };
    private readonly Option<bool> _requireVerified = new("--require-verified") { Description = "Refuse a version that 'projections verify' has not found to agree with the live one." };
    private readonly Option<TimeSpan> _verifiedWithin = CommonOptions.Duration("--verified-within", "How long ago that may be. The default is 60m.", Defaults.VerifiedWithin);
    private readonly Option<TimeSpan> _lockTimeout = CommonOptions.Duration("--lock-timeout", "How long readers may queue behind one attempt. The default is 200ms.", Defaults.LockTimeout);
    private readonly Option<TimeSpan> _patience = CommonOptions.Duration("--patience", "How long to go on trying. The default is 60s.", Defaults.Patience);

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_keepContract, _allowSmaller, _ignoreOldSnapshots, _acceptExternal, _acceptAccess, _requireVerified, _verifiedWithin, _lockTimeout, _patience])
        {
            command.Options.Add(option);
        }
    }

    public SwitchOptions Of(ParseResult arguments) => new()
    {
        KeepContract = arguments.GetValue(_keepContract),
        AllowSmaller = arguments.GetValue(_allowSmaller),
        IgnoreOldSnapshots = arguments.GetValue(_ignoreOldSnapshots),
        AcceptExternal = arguments.GetValue(_acceptExternal),
        AcceptAccess = arguments.GetValue(_acceptAccess),
        RequireVerified = arguments.GetValue(_requireVerified),
        VerifiedWithin = arguments.GetValue(_verifiedWithin),
        LockTimeout = arguments.GetValue(_lockTimeout),
        Patience = arguments.GetValue(_patience),
    };
}
