using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Replay;
using Projections.Switching.Gates;
using Projections.Telemetry;

namespace Projections.Switching;

/// <summary>
/// Moves a read name to another version: asks the gates, then tries the switch's transaction until the lock can be had
/// without making readers queue. A rollback is the same switch the other way.
/// </summary>
public sealed partial class ReadSwitch(ProjectionSystem system)
{
    private static readonly ISwitchGate[] Gates =
    [
        new CaughtUpGate(),
        new LateEventsGate(),
        new ExternalGate(),
        new RowTypeGate(),
        new IndexesValidGate(),
        new StatisticsFreshGate(),
        new NotSmallerGate(),
        new ContractGate(),
        new DependantsGate(),
        new AccessGate(),
        new VerifiedGate(),
        new NoOldSnapshotGate(),
    ];

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Without growing pauses, a lock that is held for long would be asked for in a tight loop, and each attempt
    /// makes readers queue for as long as it waits.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly ILogger _logger = system.Loggers.CreateLogger<ReadSwitch>();

    /// <summary>Switches reads of a projection to a version.</summary>
    /// <exception cref="SwitchRefused">A gate is shut, or the lock could not be had; reads stay where they are.</exception>
    public async Task<SwitchResult> RunAsync(VersionId to, SwitchOptions options, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        using var span = new SwitchSpan(system.Time, to);
        try
        {
            var result = await SwitchAsync(to, options, actor, commandId, cancellationToken);
            span.Outcome = result.AlreadyDone ? "already-done" : "done";
            return result;
        }
        catch (SwitchRefused)
        {
            span.Outcome = "refused";
            throw;
        }
    }

    private async Task<SwitchResult> SwitchAsync(VersionId to, SwitchOptions options, Actor actor, Guid? commandId, CancellationToken cancellationToken)
    {
        var began = system.Time.GetTimestamp();
        var pause = FirstPause;
        var random = new Random();
        long? expected = null;
        for (var attempt = 1; ; attempt++)
        {
            IReadOnlyList<GateFailure> failures;
            try
            {
                var projection = await ReadAsync(to, cancellationToken);
                if (projection.LiveVersion == to.Number)
                {
                    return Done(projection, to, expected, attempt);
                }

                expected = projection.Generation + 1;
                failures = await AskGatesAsync(projection, to, options, cancellationToken);
                if (failures.Count == 0)
                {
                    return await new SwitchAttempt(system, to, options, actor, commandId, attempt).RunAsync(projection, cancellationToken);
                }

                await RefreshStatisticsAsync(failures, to, cancellationToken);
            }
            catch (SwitchBlocked blocked)
            {
                failures = [blocked.Failure];
            }
            catch (Exception exception) when (PassingFault.Is(exception))
            {
                // Also when the connection died during COMMIT: whether the switch happened is seen at the next look.
                failures = [new GateFailure("connection", exception.Message, "Look whether the database is up.")];
            }

            var passing = failures.All(failure => failure.Gate is SwitchBlocked.Gate or NoOldSnapshotGate.Name or StatisticsFreshGate.Name or "connection");
            if (!passing || system.Time.GetElapsedTime(began) + pause > options.Patience)
            {
                throw new SwitchRefused(to, failures);
            }

            LogWaiting(_logger, to, failures[0].ToString());
            Instruments.SwitchRetries.Add(1, Instruments.Projection(to.Projection));
            await Task.Delay(pause * (0.75 + (random.NextDouble() / 2)), system.Time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>What a switch would do to the read name's columns, without doing it.</summary>
    public async Task<ReadNameChange?> PreviewAsync(VersionId to, bool keepContract, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var view = await ReadName.ReadAsync(connection, system.Options.Schema, to.Projection.Value, cancellationToken);
        var table = await ReadName.ReadAsync(connection, system.Options.Schema, to.Table, cancellationToken);
        return table is null
            ? null
            : ReadNameChange.From(view?.Columns, table.Columns, keepContract ? view?.Columns.Select(column => column.Name).ToList() : null);
    }

    /// <summary>Asks the gates whether a switch would be refused at present, without doing it.</summary>
    /// <returns>The gates that are shut; empty when all are open.</returns>
    public async Task<IReadOnlyList<GateFailure>> CheckAsync(VersionId to, SwitchOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await AskGatesAsync(await ReadAsync(to, cancellationToken), to, options, cancellationToken);
        }
        catch (SwitchRefused refused)
        {
            return refused.Failures;
        }
    }

    private async Task<ProjectionSnapshot> ReadAsync(VersionId to, CancellationToken cancellationToken)
    {
        var projection = await system.Catalog.ReadAsync(to.Projection, cancellationToken);
        return projection?.Find(to.Number) is not null
            ? projection
            : throw new SwitchRefused(to, [new GateFailure("known", $"there is no {to} in the catalog.", $"Build it first with 'projections rebuild {to.Projection} --to {to.Number}'.")]);
    }

    private static SwitchResult Done(ProjectionSnapshot projection, VersionId to, long? expected, int attempts) =>
        new(to.Projection, null, to.Number, projection.Generation, projection.Live?.Checkpoint, null, attempts, AlreadyDone: projection.Generation != expected);

    private async Task<IReadOnlyList<GateFailure>> AskGatesAsync(ProjectionSnapshot projection, VersionId to, SwitchOptions options, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        var candidate = new SwitchCandidate(system, connection, projection, projection.Find(to.Number)!, system.Registry.Find(to), options);
        var failures = new List<GateFailure>();
        foreach (var gate in Gates)
        {
            if (await gate.CheckAsync(candidate, cancellationToken) is { } failure)
            {
                failures.Add(failure);
            }

            // Without rows that count, the other gates would only repeat it in other words.
            if (gate is CaughtUpGate && failures.Count > 0)
            {
                break;
            }
        }

        return failures;
    }

    /// <summary>Old statistics need no person to mend them.</summary>
    private async Task RefreshStatisticsAsync(IReadOnlyList<GateFailure> failures, VersionId to, CancellationToken cancellationToken)
    {
        if (failures.Any(failure => failure.Gate == StatisticsFreshGate.Name))
        {
            await StatisticsFreshGate.RefreshAsync(system, to, cancellationToken);
        }
    }

    [LoggerMessage(501, LogLevel.Information, "The switch to {Version} waits: {Reason}")]
    private static partial void LogWaiting(ILogger logger, VersionId version, string reason);
}
