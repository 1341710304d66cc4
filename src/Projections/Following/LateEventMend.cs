using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Announcements;
using Projections.Catalog.Feeds;
using Projections.Catalog.Reactions;
using Projections.Definitions;
using Projections.Events;
using Projections.LateEvents;
using Projections.Postgres;
using Projections.Reactions;
using Projections.Replay;
using Projections.Tables;
using Projections.Telemetry;

namespace Projections.Following;

/// <summary>
/// Gives late events to versions that have passed them: folds the rows that they are for anew from their streams, up to the checkpoint,
/// in one transaction for all the versions, so that every snapshot sees them equal. What cannot be folded so is told.
/// </summary>
internal sealed partial class LateEventMend(ProjectionSystem system)
{
    /// <summary>Late events a transaction: whoever follows the versions waits meanwhile, so it is to last moments.</summary>
    private const int AtOnce = 50;

    private readonly ILogger _logger = system.Loggers.CreateLogger<LateEventMend>();
    private int? _generation;

    /// <summary>Whether something may have turned up that is to be folded before anything else is.</summary>
    public bool HasNews => system.LateEvents is { } watch && watch.Generation != _generation;

    /// <summary>Mends what there is to mend for a version that is built, for which nobody else waits.</summary>
    public async Task RunAsync(CheckpointedFold fold, CancellationToken stop)
    {
        if (HasNews && fold.Checkpoint is not null)
        {
            await RunAsync([fold], _ => true, stop);
        }
    }

    /// <summary>Mends what there is to mend. To be called when everything that was folded is committed.</summary>
    /// <param name="folds">The versions, all at one checkpoint, the live one first.</param>
    /// <param name="leads">Whether others wait for a version anyway: it takes the time that it takes.</param>
    /// <param name="stop">Gives up; nothing is half done.</param>
    /// <returns>Versions that took longer than the others wait, and why; they are to get their late events on their own.</returns>
    /// <exception cref="LeaseLost">Another worker has taken over; nothing was committed.</exception>
    /// <exception cref="TimeoutException">A fault that passes; what may follow a late event must not be folded before another try.</exception>
    public async Task<IReadOnlyDictionary<CheckpointedFold, DropOut>> RunAsync(
        IReadOnlyList<CheckpointedFold> folds, Func<CheckpointedFold, bool> leads, CancellationToken stop)
    {
        var tooSlow = new Dictionary<CheckpointedFold, DropOut>();
        if (system.LateEvents is not { } watch)
        {
            return tooSlow;
        }

        var generation = watch.Generation;

        // What an earlier holder passed is known from the catalog alone, and what the last commit passed can be noted only since then.
        await (_generation is null ? watch.ReloadAsync(stop) : watch.LookAsync(stop));
        while (await FindAsync([.. folds.Where(fold => !tooSlow.ContainsKey(fold))], stuck: false, after: 0, stop) is { Count: > 0 } waiting
            && await MendAllAsync(waiting, leads, tooSlow, stop))
        {
        }

        if (_generation is null)
        {
            await RetryStuckAsync(folds, leads, tooSlow, stop);
        }

        _generation = generation;
        foreach (var fold in folds)
        {
            fold.Mended(generation);
        }

        return tooSlow;
    }

    /// <summary>Tries everything once more that could not be mended before: whoever takes the versions over may have newer code, or more luck.</summary>
    private async Task RetryStuckAsync(
        IReadOnlyList<CheckpointedFold> folds, Func<CheckpointedFold, bool> leads, Dictionary<CheckpointedFold, DropOut> tooSlow, CancellationToken stop)
    {
        foreach (var fold in folds)
        {
            var after = 0L;
            while (!tooSlow.ContainsKey(fold) && await FindAsync([fold], stuck: true, after, stop) is [var waiting])
            {
                after = waiting.Positions[^1];
                await MendAllAsync([waiting], leads, tooSlow, stop);
            }
        }
    }

    private async Task<List<Waiting>> FindAsync(IReadOnlyList<CheckpointedFold> folds, bool stuck, long after, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        var waiting = new List<Waiting>();
        foreach (var fold in folds)
        {
            if (await LateEventList.ReadWaitingAsync(connection, fold.Definition.Id, stuck, after, AtOnce, stop) is { Count: > 0 } positions)
            {
                waiting.Add(new Waiting(fold, [.. positions]));
            }
        }

        return waiting;
    }

    /// <summary>Mends all versions in one step or, where one of them is in the way of the others, in a step of its own each.</summary>
    /// <returns>Whether there may be more.</returns>
    private async Task<bool> MendAllAsync(
        IReadOnlyList<Waiting> waiting, Func<CheckpointedFold, bool> leads, Dictionary<CheckpointedFold, DropOut> tooSlow, CancellationToken stop)
    {
        var outcomes = new List<Outcome>();
        var fault = await RunStepAsync(waiting, leads, outcomes, stop);
        foreach (var version in waiting)
        {
            // What it remembers of these rows is not what the table has now.
            version.Fold.Fold.Forget();
        }

        if (fault is null)
        {
            outcomes.ForEach(Tell);
            return outcomes.Where(outcome => outcome.Problem is null).Sum(outcome => outcome.Positions.Length) >= AtOnce;
        }

        if (fault.Passes)
        {
            throw new TimeoutException(fault.DropOut.Reason);
        }

        if (InParts(waiting) is { Count: > 0 } parts)
        {
            foreach (var part in parts.Where(part => !tooSlow.ContainsKey(part[0].Fold)))
            {
                await MendAllAsync(part, leads, tooSlow, stop);
            }

            return true;
        }

        if (fault.OverLimit)
        {
            tooSlow[waiting[0].Fold] = fault.DropOut;
            return false;
        }

        await GiveUpAsync(waiting[0], fault.DropOut.Reason, stop);
        return false;
    }

    /// <summary>A version that leads takes the time that it takes, as it does for every event; the others together, or one alone, are waited for
    /// no longer than for any guest.</summary>
    private async Task<GuestFault?> RunStepAsync(IReadOnlyList<Waiting> waiting, Func<CheckpointedFold, bool> leads, List<Outcome> outcomes, CancellationToken stop)
    {
        if (waiting.Count > 1 || !leads(waiting[0].Fold))
        {
            return await GuestStep.RunAsync(system, waiting[0].Fold.Definition.Id, system.Options.GuestLimit, limit => MendInOneTransactionAsync(waiting, outcomes, limit), stop);
        }

        try
        {
            await MendInOneTransactionAsync(waiting, outcomes, stop);
            return null;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or LeaseLost) && !PassingFault.Is(exception))
        {
            return new GuestFault(DropOut.OfGuest(exception), OverLimit: false, null);
        }
    }

    /// <summary>One version at a time, and of one version half of the events; nothing smaller than one event of one version.</summary>
    private static List<IReadOnlyList<Waiting>> InParts(IReadOnlyList<Waiting> waiting) => waiting switch
    {
        [{ Positions: [_] }] => [],
        [var only] => [.. only.Positions.Chunk((only.Positions.Length + 1) / 2).Select(half => (IReadOnlyList<Waiting>)[only with { Positions = half }])],
        _ => [.. waiting.Select(version => (IReadOnlyList<Waiting>)[version])],
    };

    /// <summary>First everything is folded, by handlers that may never return, and only then is any row of a table touched.</summary>
    private async Task MendInOneTransactionAsync(IReadOnlyList<Waiting> waiting, List<Outcome> outcomes, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        var folded = new List<Folded>();
        try
        {
            foreach (var version in waiting)
            {
                await AtSavepointAsync(connection, transaction, version, outcomes, async part => folded.Add(await FoldAsync(connection, part, stop)), stop);
            }

            foreach (var version in folded)
            {
                await AtSavepointAsync(
                    connection,
                    transaction,
                    version.Waiting,
                    outcomes,
                    async part =>
                    {
                        await ReplaceAsync(connection, version, stop);
                        outcomes.Add(new Outcome(part.Fold, part.Positions, version.Events, null) { Captures = version.Captures });
                    },
                    stop);
            }
        }
        finally
        {
            folded.ForEach(version => version.Scratch?.Dispose());
        }

        await SettleAsync(connection, outcomes, stop);
        await transaction.CommitAsync(stop);
    }

    /// <summary>Does something for a version such that its failure is its own. It would fail again, and is no reason to keep the versions from what
    /// else there is to fold.</summary>
    private static async Task AtSavepointAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Waiting version, List<Outcome> outcomes, Func<Waiting, Task> work, CancellationToken stop)
    {
        await transaction.SaveAsync("late", stop);
        try
        {
            await work(version);
            await transaction.ReleaseAsync("late", stop);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or LeaseLost) && !PassingFault.Is(exception))
        {
            if (version.Positions.Length > 1)
            {
                throw new OneIsToBlame(exception);
            }

            await transaction.RollbackAsync("late", stop);
            await StuckAsync(connection, version.Fold, version.Positions[0], exception.Cause, outcomes, stop);
        }
    }

    private async Task<Folded> FoldAsync(NpgsqlConnection connection, Waiting version, CancellationToken stop)
    {
        var (events, keys) = await ReadAsync(connection, version.Fold.Definition, version.Positions, stop);
        var setAside = new List<SetAsideEvent>();
        var captures = version.Fold.OutOfTurn(version.Positions.Select(position => new EventPosition(position)).ToHashSet());
        var scratch = keys.Count == 0 ? null : await RowRepair.FoldAnewAsync(system, connection, version.Fold, keys, setAside.Add, stop, captures.Reactions);
        return new Folded(version, events, keys, scratch, setAside, captures);
    }

    private async Task ReplaceAsync(NpgsqlConnection connection, Folded version, CancellationToken stop)
    {
        var id = version.Waiting.Fold.Definition.Id;
        if (version.Scratch is { } scratch)
        {
            await RowRepair.ReplaceAsync(system, connection, scratch, version.Keys, version.Captures.Feed, stop);
            await DeadLetters.AddAsync(connection, id, [.. version.SetAside.Where(e => version.Waiting.Positions.Contains(e.Position.Major))], stop);
        }

        await LateEventList.MendedAsync(connection, id, version.Waiting.Positions, stop);
    }

    /// <summary>Notes that a version cannot get its late events in the time that it may take.</summary>
    private async Task GiveUpAsync(Waiting version, string reason, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        var outcomes = new List<Outcome>();
        foreach (var position in version.Positions)
        {
            await StuckAsync(connection, version.Fold, position, reason, outcomes, stop);
        }

        await SettleAsync(connection, outcomes, stop);
        await transaction.CommitAsync(stop);
        outcomes.ForEach(Tell);
    }

    private static async Task StuckAsync(
        NpgsqlConnection connection, CheckpointedFold fold, long position, string problem, List<Outcome> outcomes, CancellationToken stop)
    {
        var isNew = await LateEventList.StuckAsync(connection, fold.Definition.Id, position, problem, stop);
        outcomes.Add(new Outcome(fold, [position], isNew ? 1 : 0, problem));
    }

    /// <summary>Proves the leases, counts what was folded, and announces it; the last statements before the commit.</summary>
    private async Task SettleAsync(NpgsqlConnection connection, List<Outcome> outcomes, CancellationToken stop)
    {
        // By number, as everybody does who locks several versions.
        foreach (var ofVersion in outcomes.GroupBy(outcome => outcome.Fold).OrderBy(group => group.Key.Definition.Id.Number))
        {
            var proved = await Checkpoints.ProveAsync(connection, ofVersion.Key.Lease, stop);
            var version = ofVersion.Key.Definition.Id;
            foreach (var reactions in proved.Role == VersionRole.Live ? ofVersion.Select(outcome => outcome.Captures?.Reactions).OfType<ReactionCapture>() : [])
            {
                await ReactionOutbox.AddAsync(connection, version, reactions, stop, late: true);
            }

            foreach (var outcome in ofVersion)
            {
                await FeedLog.AddAsync(connection, version, outcome.Captures?.Feed, stop);
            }

            await connection.ExecuteAsync(
                "update projections.version set events_done = events_done + $3 where projection = $1 and number = $2",
                stop,
                version.Projection.Value,
                version.Number,
                ofVersion.Where(outcome => outcome.Problem is null).Sum(outcome => (long)outcome.Events));
            foreach (var outcome in ofVersion.Where(outcome => outcome.Events > 0))
            {
                var details = new AnnouncementDetails { Position = new EventPosition(outcome.Positions[0]).ToString(), Error = outcome.Problem, LateEvents = outcome.Events };
                await Outbox.AddAsync(connection, AnnouncementKind.LateEvents, version, new Actor(system.Name, outcome.ToString()), details, stop);
            }
        }
    }

    /// <returns>How many of them the version handles, and the keys of the rows that they are for.</returns>
    private async Task<(int Events, IReadOnlyList<string[]> Keys)> ReadAsync(
        NpgsqlConnection connection, ProjectionVersion definition, long[] positions, CancellationToken stop)
    {
        var events = 0;
        var keys = new List<string[]>();
        foreach (var (first, last) in InRows(positions))
        {
            await foreach (var batch in system.Source.ReadAsync(new EventPosition(first - 1), new EventPosition(last), definition.Filter, stop))
            {
                using (batch)
                {
                    events += batch.Count;
                    if (batch.Count > 0)
                    {
                        var rows = definition.Rows ?? throw new NotSupportedException("its SQL statements may touch any row, so no row can be folded by itself.");
                        keys.AddRange(await rows.KeysOfAsync(connection, batch.Memory, stop));
                    }
                }
            }
        }

        return (events, [.. keys.DistinctBy(key => string.Join('\0', key))]);
    }

    private static IEnumerable<(long First, long Last)> InRows(long[] positions)
    {
        var sorted = positions.Order().ToList();
        for (var i = 0; i < sorted.Count;)
        {
            var first = i;
            while (++i < sorted.Count && sorted[i] == sorted[i - 1] + 1)
            {
            }

            yield return (sorted[first], sorted[i - 1]);
        }
    }

    private void Tell(Outcome outcome)
    {
        var version = outcome.Fold.Definition.Id;
        if (outcome.Events == 0)
        {
            return;
        }

        if (outcome.Problem is null)
        {
            LogMended(_logger, version, outcome);
            Instruments.LateEvents.Add(outcome.Events, Instruments.Of(system.Database, version));
        }
        else
        {
            LogStuck(_logger, version, outcome);
        }
    }

    /// <summary>Late events that the rows of a version lack.</summary>
    private sealed record Waiting(CheckpointedFold Fold, long[] Positions);

    /// <summary>Rows of a version as they are with its late events.</summary>
    private sealed record Folded(Waiting Waiting, int Events, IReadOnlyList<string[]> Keys, ScratchFold? Scratch, IReadOnlyList<SetAsideEvent> SetAside, FoldCaptures Captures);

    /// <summary>One of several events cannot be folded; which, is found by taking them in parts.</summary>
    private sealed class OneIsToBlame(Exception exception) : Exception(exception.Cause, exception);

    /// <summary>What came of some late events of a version.</summary>
    /// <param name="Fold">The version.</param>
    /// <param name="Positions">Where they are.</param>
    /// <param name="Events">How many of them it handles; of those that it cannot get, how many are told for the first time.</param>
    /// <param name="Problem">Why it cannot get them, or <c>null</c>.</param>
    private sealed record Outcome(CheckpointedFold Fold, long[] Positions, int Events, string? Problem)
    {
        /// <summary>What follows from them, and what became of the rows.</summary>
        public FoldCaptures? Captures { get; init; }

        public override string ToString()
        {
            var late = string.Create(CultureInfo.InvariantCulture, $"{Events} late {(Events == 1 ? "event" : "events")}, the first at position {Positions[0]}");
            return Problem is null ? $"{late}: folded in" : $"{late}: not folded in, because {Problem}";
        }
    }

    [LoggerMessage(331, LogLevel.Warning, "{Version} has got what it had passed: {Outcome}.")]
    private static partial void LogMended(ILogger logger, VersionId version, Outcome outcome);

    [LoggerMessage(332, LogLevel.Error, "{Version} lacks events: {Outcome}")]
    private static partial void LogStuck(ILogger logger, VersionId version, Outcome outcome);
}
