using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Tables;
using Projections.Telemetry;

namespace Projections.Replay;

/// <summary>
/// One worker's work on one version outside of the lockstep: creates the table, replays history, builds the indexes,
/// catches up, and offers the version to the lockstep. Each step leaves the catalog such that another worker goes on there.
/// </summary>
/// <param name="system">The system.</param>
/// <param name="definition">The version.</param>
/// <param name="lease">Its lease, held by the worker.</param>
/// <param name="news">Wakes when somebody has done something.</param>
/// <param name="mendLateEvents">Folds in what has turned up behind the checkpoint.</param>
internal sealed partial class VersionBuild(
    ProjectionSystem system, ProjectionVersion definition, Lease lease, CatalogSignal news, Func<CheckpointedFold, CancellationToken, Task> mendLateEvents)
{
    /// <summary>A round of catching up that took less than this is close enough for the lockstep to take over.</summary>
    private static readonly TimeSpan CloseEnough = TimeSpan.FromMilliseconds(250);

    /// <summary>So few events are close enough, too, once rounds get no shorter: on a slow machine a round takes longer than they do.</summary>
    private const int FewEvents = 5_000;

    /// <summary>Rounds that take more than this share of the one before get no shorter.</summary>
    private const double NoShorter = 0.8;

    private static readonly TimeSpan ProbationStep = TimeSpan.FromMilliseconds(250);

    /// <summary>How often people are told anew where history is read, if that changes.</summary>
    private static readonly TimeSpan BetweenTellings = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = system.Loggers.CreateLogger<VersionBuild>();
    private readonly Actor _actor = new(system.Name);
    private RebuildHold? _hold;
    private bool _isCandidate;
    private bool _isNearHead;

    /// <summary>What readers see waits for no copy of the store. Nor does what is almost there: it would be behind again by what the copy is behind.</summary>
    private IEventSource Source => _isCandidate && !_isNearHead ? system.Source.History : system.Source;

    /// <summary>
    /// Works until the version can join the lockstep, is paused or aborted, or <paramref name="stop"/> is cancelled. What was
    /// folded by then is committed.
    /// </summary>
    /// <exception cref="LeaseLost">Another worker has taken over; nothing was written after that.</exception>
    /// <exception cref="PoisonEvent">An event cannot be decoded or folded.</exception>
    /// <exception cref="BuildRefused">The version cannot be built or gone on with as it is.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, lease.StopAsked, lease.Lost);
        using var expected = system.Passes.Expect();
        var version = await ProveAsync(lease.Lost);
        _isCandidate = version.Role == VersionRole.Candidate;
        // What readers see is held by nothing.
        _hold = _isCandidate ? new RebuildHold(system, definition.Id, TellActivityAsync) : null;
        if (!version.HasTable)
        {
            using var phase = new Phase(system, "building", definition.Id);
            if (await Seed.FindAsync(system, definition, version, stopping.Token) is null)
            {
                await RefuseUnfitSourceAsync(stopping.Token);
            }

            version = await new TableCreation(system, definition, lease, _actor).RunAsync(version, stopping.Token);
            phase.Done();
        }

        if (version.Phase.IsStopped())
        {
            return;
        }

        ManifestCheck.ThrowIfEdited(definition, version);
        await RenewManifestAsync(version, stopping.Token);
        if (version is { Phase: VersionPhase.Replaying, Checkpoint: null, Shards.Count: 0 } && await Seed.FindAsync(system, definition, version, stopping.Token) is { } seed)
        {
            version = await SeedAsync(seed, stopping.Token);
        }

        var inShards = new ReplayInShards(system, definition, lease, news, DescribeAsync);
        do
        {
            version = await inShards.RunAsync(await ProveAsync(lease.Lost), expected, stopping.Token);
        }
        while (!await TryFoldAsync(version, expected, stopping.Token));
    }

    /// <returns>Whether that is all; <c>false</c> when the rest of its history is to be replayed in shards.</returns>
    private async Task<bool> TryFoldAsync(VersionSnapshot version, IDisposable expected, CancellationToken stop)
    {
        using var memory = system.ReplayMemory.Enter();
        using var fold = await OpenFoldAsync(version);
        var mayBeCut = version is { Phase: VersionPhase.Replaying, SeededFrom: null };
        await using var history = new HistoryFold(system, fold, _hold) { EndsEarly = () => mayBeCut && lease.ShardsAsked > 1 };
        await HeadAsync(fold, stop);
        await SourceHistory.ProveAsync(system, definition.Id.Projection, [definition.Id], stop);
        if (version.Phase == VersionPhase.Replaying && !await TryReplayAsync(history, version.EventsDone, expected, stop))
        {
            return stop.IsCancellationRequested;
        }

        mayBeCut = false;
        expected.Dispose();
        await CatchUpAsync(history, version.DropOuts, stop);
        return true;
    }

    private async Task RefuseUnfitSourceAsync(CancellationToken stop)
    {
        var fit = await SourceFit.FindAsync(Source, definition, stop);
        if (fit.Obstacles.Count > 0)
        {
            throw new BuildRefused($"{definition.Id} cannot be built. {string.Join(" ", fit.Obstacles)} Then run 'projections resume {definition.Id.Projection}'.");
        }

        foreach (var remark in fit.Remarks)
        {
            LogSourceRemark(_logger, definition.Id, remark);
        }
    }

    /// <summary>Fills the table from the live version's, and leaves the checkpoint where that one's was.</summary>
    private async Task<VersionSnapshot> SeedAsync(Seed seed, CancellationToken stop)
    {
        await EndHoldAsync(stop);
        using var phase = new Phase(system, "seeding", definition.Id);
        await DescribeAsync($"takes its rows from v{seed.From.Id.Number}{(seed.Except.Count == 0 ? "" : ", and folds what that one does not handle")}", null, stop);
        var version = await new TableSeed(system, definition, lease, _actor).RunAsync(seed, stop);
        phase.Done();
        return version;
    }

    // A version that stopped comes back through here; whoever leads the lockstep never meets an event that it stopped at.
    private async Task<CheckpointedFold> OpenFoldAsync(VersionSnapshot version)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(lease.Lost);
        if (await UnfinishedCommits.FindAsync(connection, SqlName.Quote(system.Options.Schema, definition.Id.Table), system.Time, lease.Lost) is { } unfinished)
        {
            throw new TimeoutException(unfinished);
        }

        var toSetAside = await SetAsideDecisions.ReadAsync(connection, definition.Id, lease.Lost);
        var captures = await FoldCaptures.OpenAsync(connection, system, definition, version.Role, inLockstep: false, lease.Lost);
        return new CheckpointedFold(
            system, definition, lease, version.Checkpoint, () => system.ReplayMemory.Share, system.Options.ReplayPartitions, toSetAside, captures);
    }

    /// <returns>Whether all of history is folded, and the indexes are there.</returns>
    private async Task<bool> TryReplayAsync(HistoryFold history, long eventsDone, IDisposable expected, CancellationToken stop)
    {
        var head = await HeadAsync(history.Fold, stop);
        var from = history.Fold.Through;
        LogReplaying(_logger, definition.Id, from, head);
        using (var phase = new Phase(system, "replaying", definition.Id))
        {
            await Task.WhenAll(AdvanceAndTellAsync(history, head, expected, stop), DescribeTotalAsync(from, eventsDone, stop));
            if (stop.IsCancellationRequested || history.Fold.Through < head)
            {
                return false;
            }

            phase.Done();
        }

        await CompleteAsync(stop);
        return true;
    }

    private async Task CompleteAsync(CancellationToken stop)
    {
        // What readers see never queues behind what they do not see yet.
        if (!_isCandidate)
        {
            await CreateIndexesAsync(stop);
            return;
        }

        await EndHoldAsync(stop);
        if (!await system.Process.IndexTurns.WaitAsync(TimeSpan.Zero, stop))
        {
            await DescribeAsync("waits for others to create their indexes", null, stop);
            await system.Process.IndexTurns.WaitAsync(stop);
        }

        try
        {
            await CreateIndexesAsync(stop);
        }
        finally
        {
            system.Process.IndexTurns.Release();
        }
    }

    private async Task CreateIndexesAsync(CancellationToken stop)
    {
        await DescribeAsync("creating indexes", null, stop);
        using var indexing = new Phase(system, "creating-indexes", definition.Id);
        await new TableCompletion(system, definition, lease, _actor).RunAsync(stop);
        indexing.Done();
    }

    private async Task CatchUpAsync(HistoryFold history, int dropOuts, CancellationToken stop)
    {
        // Who fell out of the lockstep for being slow stays out for longer each time: 2 s, 4 s, … about a minute.
        var probation = dropOuts == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(1 << Math.Min(dropOuts, 6));
        var before = TimeSpan.MaxValue;
        using var phase = new Phase(system, "catching-up", definition.Id);
        if (dropOuts > 0)
        {
            await DescribeAsync(string.Create(CultureInfo.InvariantCulture, $"dropped out of the lockstep ({dropOuts}), tries again after {probation.TotalSeconds:0} s"), null, stop);
        }

        while (true)
        {
            var head = await HeadAsync(history.Fold, stop);
            var (began, handled) = (system.Time.GetTimestamp(), history.Handled);
            await history.AdvanceAsync(Source, head, null, stop);
            _isNearHead = true;
            if (stop.IsCancellationRequested)
            {
                return;
            }

            var took = system.Time.GetElapsedTime(began);
            var events = history.Handled - handled;
            if (took >= CloseEnough && (events > FewEvents || took < before * NoShorter))
            {
                await DescribeAsync(string.Create(CultureInfo.InvariantCulture, $"the last {events:N0} events took {took.TotalSeconds:0.0} s; it joins the others when what comes in meanwhile is little"), null, stop);
                before = took;
                continue;
            }

            if (probation <= TimeSpan.Zero)
            {
                await OfferAsync();
                phase.Done();
                return;
            }

            probation -= ProbationStep;
            await Task.Delay(ProbationStep, system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The same as <see cref="HistoryFold.AdvanceAsync"/>, while people are told where history is read.</summary>
    private async Task AdvanceAndTellAsync(HistoryFold history, EventPosition upTo, IDisposable? expected, CancellationToken stop)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var telling = TellPlaceAsync(done.Token);
        try
        {
            await history.AdvanceAsync(Source, upTo, expected, stop);
        }
        finally
        {
            await done.CallOffAsync();
            await telling;
        }
    }

    /// <summary>Tells people where history is read and what it waits for, where that is not the store itself: no replay depends on it.</summary>
    private async Task TellPlaceAsync(CancellationToken stop)
    {
        string? told = null;
        try
        {
            while (!ReferenceEquals(Source, system.Source))
            {
                var place = await Source.DescribeHistoryAsync(stop);
                if (place != told)
                {
                    LogPlace(_logger, definition.Id, place);
                    await DescribeAsync(place, null, stop);
                    told = place;
                }

                await Task.Delay(BetweenTellings, system.Time, stop);
            }
        }
        catch (Exception exception) when (stop.IsCancellationRequested || PassingFault.Is(exception))
        {
            // The replay itself is told.
        }
    }

    private async ValueTask EndHoldAsync(CancellationToken stop)
    {
        if (_hold is not null)
        {
            await _hold.EndAsync(stop);
        }
    }

    private async Task<EventPosition> HeadAsync(CheckpointedFold fold, CancellationToken stop)
    {
        var head = await system.Source.GetSafeHeadAsync(stop);
        SourceRestored.ThrowIfBehind(definition.Id, head, fold.Checkpoint);
        // What turned up behind the checkpoint may be followed by what is read next.
        await mendLateEvents(fold, stop);
        return EventPosition.Max(head.Position, fold.Through);
    }

    private async Task<VersionSnapshot> ProveAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        return await Checkpoints.ProveAsync(connection, lease, cancellationToken);
    }

    private async Task RenewManifestAsync(VersionSnapshot version, CancellationToken cancellationToken)
    {
        if (version.Manifest == definition.Manifest.ToString())
        {
            return;
        }

        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await ManifestCheck.RenewAsync(connection, definition, version, cancellationToken);
    }

    /// <summary>Tells people of how many events there are to fold, if that can be found out: no replay depends on it.</summary>
    private async Task DescribeTotalAsync(EventPosition after, long eventsDone, CancellationToken cancellationToken)
    {
        try
        {
            var left = await Source.EstimateCountAsync(after, definition.Filter, cancellationToken);
            await DescribeAsync(await Source.DescribeHistoryAsync(cancellationToken), left with { Events = eventsDone + left.Events }, cancellationToken);
        }
        catch (Exception exception) when (exception is EventSourceUnusable || PassingFault.Is(exception))
        {
            LogNotEstimated(_logger, definition.Id, exception.Cause);
        }
    }

    private async Task TellActivityAsync(string? activity, CancellationToken cancellationToken) =>
        await DescribeAsync(activity ?? (_isNearHead ? null : await Source.DescribeHistoryAsync(cancellationToken)), null, cancellationToken);

    /// <summary>Tells people what is being done, and of how many events.</summary>
    private async Task DescribeAsync(string? activity, EventCount? total, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(
            """
            update projections.version
            set activity = $4, events_total = coalesce($5::bigint, events_total), events_total_is_about = coalesce($6::boolean, events_total_is_about)
            where projection = $1 and number = $2 and lease_epoch = $3 and phase not in ('paused', 'failed', 'retired')
            """,
            cancellationToken,
            lease.Version.Projection.Value,
            lease.Version.Number,
            lease.Epoch.Value,
            activity,
            total?.Events,
            total?.IsAbout);
    }

    /// <summary>Leaves the version to whoever leads the lockstep, at the checkpoint where it stands.</summary>
    private async Task OfferAsync()
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(lease.Lost);
        await using var transaction = await connection.BeginTransactionAsync(lease.Lost);
        var proved = await Checkpoints.ProveAsync(connection, lease, VersionPhase.CatchingUp, lease.Lost);
        await VersionLife.MoveAsync(connection, proved, VersionPhase.Offered, _actor, lease.Lost);
        await connection.ExecuteAsync(
            """
            update projections.version
            set events_total = events_done, events_total_is_about = false, lease_holder = null, lease_until = clock_timestamp(), activity = 'waits to be taken into the lockstep'
            where projection = $1 and number = $2
            """,
            lease.Lost,
            lease.Version.Projection.Value,
            lease.Version.Number);
        await ProjectionCatalog.NotifyAsync(connection, lease.Version.Projection, lease.Lost);
        await transaction.CommitAsync(lease.Lost);
        LogOffered(_logger, definition.Id);
    }

    [LoggerMessage(201, LogLevel.Information, "Replaying {Version} from {From} to {To}.")]
    private static partial void LogReplaying(ILogger logger, VersionId version, EventPosition from, EventPosition to);

    [LoggerMessage(205, LogLevel.Warning, "{Version} is built from a store that has not all of its history. {Remark}")]
    private static partial void LogSourceRemark(ILogger logger, VersionId version, string remark);

    [LoggerMessage(208, LogLevel.Information, "{Version}: {Place}.")]
    private static partial void LogPlace(ILogger logger, VersionId version, string? place);

    [LoggerMessage(203, LogLevel.Information, "How many events there are to fold for {Version} could not be estimated ({Reason}); it is replayed all the same.")]
    private static partial void LogNotEstimated(ILogger logger, VersionId version, string reason);

    [LoggerMessage(202, LogLevel.Information, "{Version} has caught up and waits to join the lockstep.")]
    private static partial void LogOffered(ILogger logger, VersionId version);
}
