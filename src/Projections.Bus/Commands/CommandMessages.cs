using Projections.Checks;
using Projections.Commands;
using Projections.Contracts;
using Projections.Events;
using Projections.Operations;
using Projections.WorkOrders;
using CheckCatchUp = Projections.Contracts.CheckCatchUp;

namespace Projections.Bus.Commands;

/// <summary>What can be commanded by message. A new verb is a line here, once it has a message.</summary>
internal static class CommandMessages
{
    public static IReadOnlyList<CommandMessage> All { get; } =
    [
        CommandMessage.Of((RebuildProjection message) => new RebuildCommand
        {
            To = message.Version, SwitchWhenReady = message.SwitchWhenReady, Throttle = message.EventsPerSecond, Anew = message.Anew,
        }),
        CommandMessage.Of((PauseRebuild message) => new PauseCommand { Version = message.Version }),
        CommandMessage.Of((ResumeRebuild message) => new ResumeCommand { Version = message.Version, SetAside = PositionOf(message.SetAside) }),
        CommandMessage.Of((AbortRebuild message) => new AbortCommand { Version = message.Version }),
        CommandMessage.Of((SwitchProjection message) => new SwitchCommand
        {
            To = message.Version,
            KeepContract = message.KeepContract,
            AllowSmaller = message.AllowSmaller,
            IgnoreOldSnapshots = message.IgnoreOldSnapshots,
            AcceptExternal = message.AcceptExternal,
            AcceptAccess = message.AcceptAccess,
            RequireVerified = message.RequireVerified,
            VerifiedWithin = TimeIn.Minutes(message.VerifiedWithinMinutes),
            MaxLag = TimeIn.Seconds(message.MaxLagSeconds),
            LockTimeout = TimeIn.Milliseconds(message.LockTimeoutMilliseconds),
            Patience = TimeIn.Seconds(message.PatienceSeconds),
        }),
        CommandMessage.Of((RollbackProjection message) => new RollbackCommand
        {
            KeepContract = message.KeepContract,
            AllowSmaller = message.AllowSmaller,
            IgnoreOldSnapshots = message.IgnoreOldSnapshots,
            AcceptExternal = message.AcceptExternal,
            AcceptAccess = message.AcceptAccess,
            RequireVerified = message.RequireVerified,
            VerifiedWithin = TimeIn.Minutes(message.VerifiedWithinMinutes),
            MaxLag = TimeIn.Seconds(message.MaxLagSeconds),
            LockTimeout = TimeIn.Milliseconds(message.LockTimeoutMilliseconds),
            Patience = TimeIn.Seconds(message.PatienceSeconds),
        }),
        CommandMessage.Of((RetireVersion message) => new RetireCommand { Version = message.Version }),
        CommandMessage.Of((CheckCatchUp message) => new CheckCommand()),
        CommandMessage.Of((VerifyProjection message) => new VerifyCommand
        {
            From = message.ComparedWith,
            To = message.AgainstEvents ? null : message.Version,
            Patience = TimeIn.Seconds(message.PatienceSeconds),
            AgainstEvents = message.AgainstEvents,
            Version = message.AgainstEvents ? message.Version : null,
            Sample = message.Sample,
        }),
        CommandMessage.Of((RepairProjection message) => new RepairCommand
        {
            Version = message.Version, Keys = message.Keys, Streams = message.Streams, Tenant = message.Tenant, WhereDifferent = message.WhereDifferent,
        }),
        CommandMessage.Of((CancelWork message) => new CallOffOrderCommand { Order = message.Order }),
    ];

    private static EventPosition? PositionOf(string? text) => text is null ? null
        : EventPosition.TryParse(text, out var position) ? position
        : throw new OperationRefused("Expected in 'setAside' is a position such as 561400 or 8812/8790.", isMistake: true);
}
