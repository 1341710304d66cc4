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
/// <param name="system">On what.</param>
/// <param name="to">The versions that reads go to, of as many projections; the command's own is the first.</param>
/// <param name="command">What was asked for.</param>
/// <param name="context">Who asked.</param>
internal sealed partial class SwitchRun(ProjectionSystem system, IReadOnlyList<VersionId> to, SwitchingCommand command, CommandContext context)
{
    private const string Connection = "connection";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Without growing pauses, a lock that is held for long would be asked for in a tight loop, and each attempt
    /// makes readers queue for as long as it waits.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    /// <summary>How long open gates count while only locks are not to be had: asking those of a release takes seconds, in which readers have come and gone. What must
    /// hold at the moment of the switch is proved in its transaction.</summary>
    private static readonly TimeSpan GatesCount = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = system.Loggers.CreateLogger<ReadSwitch>();
    private readonly ReadSwitch _reads = new(system);

    /// <summary>In which order their names are locked. One that could not be had is the first next time: statements that read several of them lock them one after
    /// another, and who goes the other way round meets them half way.</summary>
    private readonly List<VersionId> _order = [.. to.OrderBy(version => version.Projection.Value, StringComparer.Ordinal)];

    private int _attempts;
    private long? _gatesOpenSince;

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
                var (results, obstacles) = await TryAsync(cancellationToken);
                if (obstacles.Count == 0)
                {
                    return results.Single(result => result.Projection == command.Projection) with { With = [.. results.Where(result => result.Projection != command.Projection)] };
                }

                var passing = obstacles.All(obstacle => obstacle.Failure.Gate is SwitchBlocked.Gate or NoOldSnapshotGate.Name or StatisticsFreshGate.Name or Connection);
                if (!passing || system.Time.GetElapsedTime(began) + pause > command.Patience)
                {
                    throw _lost is null ? Refused(obstacles) : Unknown(obstacles[0].Failure.Problem, _lost);
                }

                LogWaiting(_logger, obstacles[0].To, obstacles[0].Failure.ToString());
                Instruments.SwitchRetries.Add(1, Instruments.Of(system.Database, obstacles[0].To.Projection));
                await Task.Delay(pause * (0.75 + (random.NextDouble() / 2)), system.Time, cancellationToken);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException cancelled) when (_lost is not null)
        {
            throw Unknown("it was called off", cancelled);
        }
    }

    private async Task<(IReadOnlyList<SwitchResult> Done, IReadOnlyList<Obstacle> Obstacles)> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_unsettled is { } unsettled && await HasHappenedAsync(unsettled, cancellationToken))
            {
                return (unsettled.Results, []);
            }

            var seen = await ReadAsync(cancellationToken);
            _attempts++;
            if (seen.All(target => target.IsLive))
            {
                return (new SwitchAttempt(system, seen, command, context, _attempts).Results, []);
            }

            var obstacles = _gatesOpenSince is { } since && system.Time.GetElapsedTime(since) < GatesCount ? [] : await AskGatesAsync(seen, cancellationToken);
            if (obstacles.Count == 0)
            {
                return (await AttemptAsync(seen, cancellationToken), []);
            }

            await RefreshStatisticsAsync(obstacles, cancellationToken);
            return ([], obstacles);
        }
        catch (SwitchBlocked blocked)
        {
            return ([], [Of(blocked)]);
        }
        catch (Exception exception) when (PassingFault.Is(exception))
        {
            _gatesOpenSince = null;
            return ([], [new Obstacle(to[0], new GateFailure(Connection, exception.Cause, "Look whether the database is up."))]);
        }
    }

    private async Task<IReadOnlyList<SwitchTarget>> ReadAsync(CancellationToken cancellationToken)
    {
        var seen = new List<SwitchTarget>();
        foreach (var version in _order)
        {
            seen.Add(new SwitchTarget(version, await _reads.ReadAsync(version, cancellationToken)));
        }

        return seen;
    }

    private async Task<IReadOnlyList<Obstacle>> AskGatesAsync(IReadOnlyList<SwitchTarget> seen, CancellationToken cancellationToken)
    {
        var who = context.IsAutomatic ? null : context.Who;
        var shut = await AskGatesAsync(seen, who, cancellationToken);
        if (shut.Count > 0 && who is not null && shut.All(obstacle => obstacle.Failure.Gate == ApprovalGate.Name)
            && await AskForASecondAsync([.. shut.Select(obstacle => obstacle.To)], cancellationToken))
        {
            shut = await AskGatesAsync(seen, who, cancellationToken);
        }

        _gatesOpenSince = shut.Count == 0 ? system.Time.GetTimestamp() : null;
        return shut;
    }

    private async Task<IReadOnlyList<Obstacle>> AskGatesAsync(
        IReadOnlyList<SwitchTarget> seen, string? who, CancellationToken cancellationToken)
    {
        var shut = new List<Obstacle>();
        foreach (var (version, projection) in seen.Where(target => !target.IsLive))
        {
            shut.AddRange((await _reads.AskGatesAsync(projection, version, command, who, cancellationToken)).Select(failure => new Obstacle(version, failure)));
        }

        return shut;
    }

    private async Task<IReadOnlyList<SwitchResult>> AttemptAsync(IReadOnlyList<SwitchTarget> seen, CancellationToken cancellationToken)
    {
        var attempt = new SwitchAttempt(system, seen, command, context, _attempts);
        try
        {
            await attempt.RunAsync(cancellationToken);
            return attempt.Results;
        }
        catch (Exception exception) when (attempt.IsUnsettled)
        {
            (_unsettled, _lost) = (attempt, exception);
            throw;
        }
    }

    private Obstacle Of(SwitchBlocked blocked)
    {
        if (blocked.At is { } first && _order.Remove(first))
        {
            _order.Insert(0, first);
        }
        else
        {
            _gatesOpenSince = null;
        }

        return new Obstacle(blocked.At ?? to[0], blocked.Failure);
    }

    /// <summary>Everything but a second person is there: the request is kept, and stands in the history.</summary>
    private async Task<bool> AskForASecondAsync(IReadOnlyList<VersionId> versions, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var actor = command.ActorOf(context);
        var any = false;
        foreach (var version in versions)
        {
            if (await SwitchRequests.TryAddAsync(connection, version, actor, command.Concessions, cancellationToken))
            {
                // Not under the sender's id: the same command may come again, and is not done.
                var asked = (command.IdentityOf(context) with { Id = null }).Kept;
                await CommandLog.RecordAsync(connection, asked, version.Projection, version.Number, $"asked for a switch to v{version.Number}, which takes two people", actor, cancellationToken);
                any = true;
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return any;
    }

    private async Task<bool> HasHappenedAsync(SwitchAttempt attempt, CancellationToken cancellationToken)
    {
        var happened = await attempt.HasHappenedAsync(cancellationToken);
        (_unsettled, _lost) = (null, null);
        return happened;
    }

    /// <summary>Old statistics need no person to mend them.</summary>
    private async Task RefreshStatisticsAsync(IReadOnlyList<Obstacle> obstacles, CancellationToken cancellationToken)
    {
        foreach (var obstacle in obstacles.Where(obstacle => obstacle.Failure.Gate == StatisticsFreshGate.Name))
        {
            await StatisticsFreshGate.RefreshAsync(system, obstacle.To, cancellationToken);
        }
    }

    private SwitchRefused Refused(IReadOnlyList<Obstacle> obstacles) => new(
        to,
        [.. obstacles.Select(obstacle => to.Count == 1 ? obstacle.Failure : obstacle.Failure with { Problem = $"{obstacle.To}: {obstacle.Failure.Problem}" })]);

    private OutcomeUnknown Unknown(string reason, Exception exception) => new(
        command.Projection,
        $"It is not known whether reads of {string.Join(" and ", to.Select(version => $"'{version.Projection}' went to v{version.Number}"))}: the connection broke while the switch was committed, and it could not be found out since ({reason.TrimEnd('.')}). "
        + $"When the database answers again, look at 'projections status {command.Projection}': if v{to[0].Number} is live, the switch took place; if not, nothing was changed, and you can give the command again.",
        exception);

    [LoggerMessage(501, LogLevel.Information, "The switch to {Version} waits: {Reason}")]
    private static partial void LogWaiting(ILogger logger, VersionId version, string reason);

    /// <summary>What was in the way of one of the versions.</summary>
    private sealed record Obstacle(VersionId To, GateFailure Failure);
}
