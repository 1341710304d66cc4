using Projections.Checks;
using Projections.Commands;
using Projections.Contracts;
using Projections.Events;
using Projections.Operations;
using Projections.Switching;
using Projections.WorkOrders;
using CheckCatchUp = Projections.Contracts.CheckCatchUp;
using ShowEvent = Projections.Contracts.ShowEvent;
using WidenContract = Projections.Contracts.WidenContract;

namespace Projections.Bus.Commands;

/// <summary>What can be commanded by message. A new verb is a line here, once it has a message.</summary>
internal static class CommandMessages
{
    public static IReadOnlyList<CommandMessage> All { get; } =
    [
        CommandMessage.Of((RebuildProjection message) => new RebuildCommand
        {
            To = message.Version, SwitchWhenReady = message.SwitchWhenReady, Throttle = message.EventsPerSecond, Shards = message.Shards, FromEvents = message.FromEvents, Anew = message.Anew, With = message.With,
        }),
        CommandMessage.Of((PauseRebuild message) => new PauseCommand { Version = message.Version }),
        CommandMessage.Of((ResumeRebuild message) => new ResumeCommand { Version = message.Version, SetAside = PositionOf(message.SetAside, "setAside") }),
        CommandMessage.Of(
            (ShowEvent message) => new ShowEventCommand { Version = message.Version, Position = PositionOf(message.Position, "position") },
            shown => new EventShown
            {
                Projection = shown.Version.Projection.Value,
                Version = shown.Version.Number,
                Position = shown.Position.ToString(),
                Type = shown.Type,
                Stream = shown.Stream,
                StreamVersion = shown.StreamVersion,
                Time = shown.Time,
                Data = shown.Data,
            }),
        CommandMessage.Of((AbortRebuild message) => new AbortCommand { Version = message.Version }),
        CommandMessage.Of((SwitchProjection message) => Gated(new SwitchCommand { To = message.Version, With = message.With }, message)),
        CommandMessage.Of((RollbackProjection message) => Gated(new RollbackCommand { From = message.From, With = message.With }, message)),
        CommandMessage.Of((RetireVersion message) => new RetireCommand { Version = message.Version }),
        CommandMessage.Of((ThrottleRebuild message) => new SetThrottleCommand { Version = message.Version, EventsPerSecond = message.EventsPerSecond }),
        CommandMessage.Of((AdoptTable message) => new AdoptCommand { At = PositionOf(message.At, "at") }),
        CommandMessage.Of((WidenContract message) => new WidenContractCommand()),
        CommandMessage.Of((AcceptVersion message) => new AcceptCommand { Version = message.Version }),
        CommandMessage.Of((RetryDeadLetters message) => new RetryDeadLettersCommand { Version = message.Version, Position = PositionOf(message.Position, "position") }),
        CommandMessage.Of((DiscardDeadLetters message) => new DiscardDeadLettersCommand { Version = message.Version, Position = PositionOf(message.Position, "position") }),
        CommandMessage.Of((StartReactions message) => new StartReactionsCommand { Reaction = message.Reaction, From = PositionOf(message.From, "from") }),
        CommandMessage.Of((StopReactions message) => new StopReactionsCommand { Reaction = message.Reaction }),
        CommandMessage.Of((RetryReactions message) => new RetryReactionsCommand { Reaction = message.Reaction, Position = PositionOf(message.Position, "position") }),
        CommandMessage.Of((DiscardReactions message) => new DiscardReactionsCommand { Reaction = message.Reaction, Position = PositionOf(message.Position, "position") }),
        CommandMessage.Of((StartFeed message) => new StartFeedCommand { Keep = TimeIn.Minutes(message.KeepMinutes), KeepRows = message.KeepRows, Publish = message.Publish }),
        CommandMessage.Of((StopFeed message) => new StopFeedCommand()),
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

    private static TCommand Gated<TCommand>(TCommand command, ISwitchingCommand message)
        where TCommand : SwitchingCommand => command with
        {
            KeepContract = message.KeepContract,
            AllowSmaller = message.AllowSmaller,
            IgnoreOldSnapshots = message.IgnoreOldSnapshots,
            AcceptExternal = message.AcceptExternal,
            AcceptAccess = message.AcceptAccess,
            AcceptSlower = message.AcceptSlower,
            RequireVerified = message.RequireVerified,
            VerifiedWithin = TimeIn.Minutes(message.VerifiedWithinMinutes),
            MaxLag = TimeIn.Seconds(message.MaxLagSeconds),
            LockTimeout = TimeIn.Milliseconds(message.LockTimeoutMilliseconds),
            Patience = TimeIn.Seconds(message.PatienceSeconds),
        };

    private static EventPosition? PositionOf(string? text, string member) => text is null ? null
        : EventPosition.TryParse(text, out var position) ? position
        : throw new OperationRefused($"Expected in '{member}' is a position such as 561400 or 8812/8790.", isMistake: true);
}
