using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Faults;
using Projections.Postgres;
using Projections.Switching.Gates;
using Projections.Telemetry;

namespace Projections.Switching;

/// <summary>
/// One switch as it is asked for: asks the gates and tries the transaction, again and again while what is in its way may pass. Where a
/// connection breaks while a switch is committed, it finds out first what became of that.
/// </summary>
internal sealed partial class SwitchRun(ProjectionSystem system, VersionId to, SwitchingCommand command, CommandContext context)
{
    private const string Connection = "connection";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Without growing pauses, a lock that is held for long would be asked for in a tight loop, and each attempt
    /// makes readers queue for as long as it waits.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly ILogger _logger = system.Loggers.CreateLogger<ReadSwitch>();
    private int _attempts;

    /// <summary>The attempt of which it is not known whether it was committed.</summary>
    private SwitchAttempt? _unsettled;

    private Exception? _lost;

    /// <exception cref="SwitchRefused">A gate is shut, or the lock could not be had; reads stay where they are.</exception>
    /// <exception cref="OutcomeUnknown">Nobody knows whether the switch took place.</exception>
    public async Task<SwitchResult> RunAsync(CancellationToken cancellationToken)
    {
        var began = system.Time.GetTimestamp();
        var pause = FirstPause;
        var random = new Random();
        try
        {
            while (true)
            {
                var (result, failures) = await TryAsync(cancellationToken);
                if (result is not null)
                {
                    return result;
                }

                var passing = failures.All(failure => failure.Gate is SwitchBlocked.Gate or NoOldSnapshotGate.Name or StatisticsFreshGate.Name or Connection);
                if (!passing || system.Time.GetElapsedTime(began) + pause > command.Patience)
                {
                    throw _lost is null ? new SwitchRefused(to, failures) : Unknown(failures[0].Problem, _lost);
                }

                LogWaiting(_logger, to, failures[0].ToString());
                Instruments.SwitchRetries.Add(1, Instruments.Projection(to.Projection));
                await Task.Delay(pause * (0.75 + (random.NextDouble() / 2)), system.Time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException cancelled) when (_lost is not null)
        {
            throw Unknown("it was called off", cancelled);
        }
    }

    private async Task<(SwitchResult? Done, IReadOnlyList<GateFailure> Failures)> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_unsettled is not null && await SettleAsync(_unsettled, cancellationToken) is { } done)
            {
                return (done, []);
            }

            var reads = new ReadSwitch(system);
            var projection = await reads.ReadAsync(to, cancellationToken);
            _attempts++;
            if (projection.LiveVersion == to.Number)
            {
                return (new SwitchResult(to.Projection, null, to.Number, projection.Generation, projection.Live?.Checkpoint, null, _attempts, AlreadyDone: true), []);
            }

            var who = context.IsAutomatic ? null : context.Who;
            var failures = await reads.AskGatesAsync(projection, to, command, who, cancellationToken);
            if (failures is [{ Gate: ApprovalGate.Name }] && who is not null && await AskForASecondAsync(cancellationToken))
            {
                failures = await reads.AskGatesAsync(projection, to, command, who, cancellationToken);
            }

            if (failures.Count == 0)
            {
                return (await AttemptAsync(projection, cancellationToken), []);
            }

            await RefreshStatisticsAsync(failures, cancellationToken);
            return (null, failures);
        }
        catch (SwitchBlocked blocked)
        {
            return (null, [blocked.Failure]);
        }
        catch (Exception exception) when (PassingFault.Is(exception))
        {
            return (null, [new GateFailure(Connection, exception.Cause, "Look whether the database is up.")]);
        }
    }

    private async Task<SwitchResult> AttemptAsync(ProjectionSnapshot projection, CancellationToken cancellationToken)
    {
        var attempt = new SwitchAttempt(system, to, command, context, _attempts);
        try
        {
            return await attempt.RunAsync(projection, cancellationToken);
        }
        catch (Exception exception) when (attempt.IsUnsettled)
        {
            (_unsettled, _lost) = (attempt, exception);
            throw;
        }
    }

    /// <summary>Everything but a second person is there: the request is kept, and stands in the history.</summary>
    private async Task<bool> AskForASecondAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var actor = command.ActorOf(context);
        if (!await SwitchRequests.TryAddAsync(connection, to, actor, command.Concessions, cancellationToken))
        {
            return false;
        }

        // Not under the sender's id: the same command may come again, and is not done.
        var asked = (command.IdentityOf(context) with { Id = null }).Kept;
        await CommandLog.RecordAsync(connection, asked, to.Projection, to.Number, $"asked for a switch to v{to.Number}, which takes two people", actor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private async Task<SwitchResult?> SettleAsync(SwitchAttempt attempt, CancellationToken cancellationToken)
    {
        var done = await attempt.FindOutAsync(cancellationToken);
        (_unsettled, _lost) = (null, null);
        return done;
    }

    /// <summary>Old statistics need no person to mend them.</summary>
    private async Task RefreshStatisticsAsync(IReadOnlyList<GateFailure> failures, CancellationToken cancellationToken)
    {
        if (failures.Any(failure => failure.Gate == StatisticsFreshGate.Name))
        {
            await StatisticsFreshGate.RefreshAsync(system, to, cancellationToken);
        }
    }

    private OutcomeUnknown Unknown(string reason, Exception exception) => new(
        to.Projection,
        $"It is not known whether reads of '{to.Projection}' went to v{to.Number}: the connection broke while the switch was committed, and it could not be found out since ({reason.TrimEnd('.')}). "
        + $"When the database answers again, look at 'projections status {to.Projection}': if v{to.Number} is live, the switch took place; if not, nothing was changed, and you can give the command again.",
        exception);

    [LoggerMessage(501, LogLevel.Information, "The switch to {Version} waits: {Reason}")]
    private static partial void LogWaiting(ILogger logger, VersionId version, string reason);
}
