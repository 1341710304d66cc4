using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Commands;
using Projections.Definitions;
using Projections.Events;
using Projections.Faults;
using Projections.Following;
using Projections.Operations;
using Projections.Postgres;
using Projections.Replay;
using Projections.Switching;
using Projections.Tables;
using Projections.Verification;
using Projections.WorkOrders;

namespace Projections.Workers;

/// <summary>
/// Does whatever the catalog says is to be done, as far as nobody else does it: builds versions, follows projections in
/// lockstep, and switches versions that were asked to be switched when ready. Any number of workers share the work by leases.
/// </summary>
internal sealed partial class Worker : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>How soon what was announced while nobody listened is found, however long leases last.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5);

    /// <summary>How long between two such looks for each database of the process: all together look ten times a second at most.</summary>
    private static readonly TimeSpan LookPerDatabase = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a piece of work rests that somebody else was quicker with.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(250);

    /// <summary>So that a repair of ten rows need not wait for a comparison of millions.</summary>
    private const int OrdersAtOnce = 4;

    private readonly ProjectionSystem _system;
    private readonly IReadOnlySet<ProjectionName>? _only;
    private readonly ILogger _logger;
    private readonly LeaseKeeper _keeper;
    private readonly CatalogSignal _signal;
    private readonly CatalogWatch _watch;
    private readonly SourceTail _tail;
    private readonly FollowedGroups _groups;
    private readonly ShardClaims _shardClaims;
    private readonly Handover _handover;
    private readonly Troubles _troubles;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<object, (Task Task, long Began)> _work = new();
    private readonly ConcurrentDictionary<object, Pause> _pauses = new();
    private HashSet<VersionId> _inShards = [];
    private readonly Task? _watching;
    private readonly Task _keeping;
    private readonly Task _running;
    private volatile IReadOnlyList<string> _failures = [];

    private Worker(ProjectionSystem system, IReadOnlySet<ProjectionName>? only)
    {
        _system = system;
        _only = only;
        _logger = system.Loggers.CreateLogger<Worker>();
        _watch = new CatalogWatch(system);
        _keeper = new LeaseKeeper(system.Steady, system.Name, system.Options.LeaseDuration, system.Time, system.Loggers.CreateLogger<LeaseKeeper>(), system.Database);
        _signal = new CatalogSignal(system.Listening, system.Time, system.Loggers.CreateLogger<CatalogSignal>());
        _handover = new Handover(system.Time);
        _troubles = new Troubles(system);
        _tail = new SourceTail(system.Source, FilterOf(system, only), system.Time, system.Loggers.CreateLogger<SourceTail>(), system.Process);
        _groups = new FollowedGroups(system);
        _shardClaims = new ShardClaims(system);
        _watching = system.LateEvents is { } late ? Task.Run(() => late.RunAsync(_stop.Token)) : null;
        _keeping = only is null ? Task.Run(() => new FeedKeeper(system, _signal).RunAsync(_stop.Token)) : Task.CompletedTask;
        _running = Task.Run(() => RunAsync(_stop.Token));
        Completion = Task.WhenAny([_running, _keeper.Completion, _signal.Completion, .. _watching is null ? [] : (Task[])[_watching]]).Unwrap();
    }

    /// <summary>Starts a worker in this process.</summary>
    /// <param name="system">What it works on; it must outlive the worker.</param>
    /// <param name="only">The projections that it cares for, or <c>null</c> for all that this code knows.</param>
    public static Worker Start(ProjectionSystem system, params ProjectionName[] only) =>
        new(system, only.Length == 0 ? null : only.ToHashSet());

    /// <summary>Completes when the worker has stopped; fails when it could not go on, which it could not without its leases' beat, or the look for late events, either.</summary>
    public Task Completion { get; }

    /// <summary>What keeps it from going on with versions that are sound themselves; empty when nothing does.</summary>
    public IReadOnlyList<string> Troubles => _tail.Trouble is { } tail ? [tail, .. _troubles.All] : _troubles.All;

    /// <summary>The versions that had failed at the last look at the catalog, with the reason: they wait for a person.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Finishes the batches in hand, commits them, and gives the leases up.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CallOffAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await (_watching ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_work.Values.Select(work => work.Task)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _keeper.DisposeAsync();
        await _tail.DisposeAsync();
        await _signal.DisposeAsync();
        _stop.Dispose();
    }

    private static EventFilter FilterOf(ProjectionSystem system, IReadOnlySet<ProjectionName>? only) =>
        only is null ? system.Registry.Filter : EventFilter.OfTypes(only.SelectMany(name => system.Registry.FilterOf(name).Types ?? new HashSet<string>()));

    private async Task RunAsync(CancellationToken stop)
    {
        // A lease that ran out announces itself to nobody; so look, several times within a lease.
        var atMost = _system.Options.LeaseDuration / 4 < LongestLook ? _system.Options.LeaseDuration / 4 : LongestLook;
        var registered = false;
        while (!stop.IsCancellationRequested)
        {
            var signal = _signal.Next;
            try
            {
                if (!registered)
                {
                    await RegisterAsync(stop);
                    registered = true;
                }

                var projections = (await _watch.LookAsync(stop)).Where(projection => _only?.Contains(projection.Name) ?? true).ToList();
                _failures = [.. projections.SelectMany(projection => projection.Versions).Where(version => version.State == VersionState.Failed).Select(version => $"{version.Id} failed: {version.Failure}")];
                await AssignFollowingAsync(projections, stop);
                _inShards = projections.SelectMany(projection => projection.Versions).Where(version => version.Shards.Count > 0).Select(version => version.Id).ToHashSet();
                _shardClaims.Note(projections);
                foreach (var projection in projections)
                {
                    Assign(projection, stop);
                }

                ForgetWhatHealed();
                await _troubles.TellAsync(projections, _tail.Trouble, stop);

                if (_only is null)
                {
                    await AssignOrdersAsync(stop);
                }

                await _signal.WaitAsync(signal, _system.Process.Pace(atMost, LookPerDatabase), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is OperationCanceledException || PassingFault.Is(exception) || MendableFault.Is(exception))
            {
                LogNoCatalog(_logger, exception.Cause);
                await Task.Delay(TimeSpan.FromSeconds(1), _system.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RegisterAsync(CancellationToken stop)
    {
        await using var connection = await _system.Steady.OpenConnectionAsync(stop);
        await WorkerRegister.AddAsync(connection, _system.Name, _only ?? (IEnumerable<ProjectionName>)_system.Registry.Projections, stop);
    }

    private async Task AssignFollowingAsync(IReadOnlyList<ProjectionSnapshot> projections, CancellationToken stop)
    {
        var free = projections.Where(projection => IsUnfollowed(projection) && !IsResting(projection.Name)).Select(projection => projection.Name).ToList();
        if (_only is not null)
        {
            // What a command waits for it takes at once.
            BeginToFollow(free, stop);
            return;
        }

        await _groups.LearnAsync(projections, stop);
        BeginToFollow(_groups.ToTake(projections, free), stop);
        foreach (var name in _groups.ToLetGo(projections))
        {
            _handover.Ask(name);
            _watch.Ring(name);
        }
    }

    private void BeginToFollow(IEnumerable<ProjectionName> names, CancellationToken stop)
    {
        foreach (var name in names)
        {
            Begin(name, () => FollowAsync(name, stop));
        }
    }

    private static bool IsUnfollowed(ProjectionSnapshot projection) =>
        projection.Versions.Any(version => version is { Phase: VersionPhase.Following, IsLeased: false })
        || (projection.Versions.Any(version => version is { Phase: VersionPhase.Offered, IsLeased: false }) && !projection.Versions.Any(version => version.Lockstep));

    private void Assign(ProjectionSnapshot projection, CancellationToken stop)
    {
        foreach (var version in projection.Versions.Where(version => version is { State: VersionState.Ready, SwitchWhenReady: true, Lockstep: true, AwaitsSeedProof: false }))
        {
            Begin(("switch", version.Id), () => SwitchAsync(version.Id, stop));
        }

        foreach (var version in projection.Versions.Where(version => version is { Lockstep: true, AwaitsSeedProof: true } && _system.Registry.Find(version.Id) is not null))
        {
            Begin(("prove", version.Id), () => ProveAsync(version.Id, stop));
        }

        foreach (var version in projection.Versions.Where(NeedsBuild))
        {
            // What readers see, or have to be able to go back to, never queues behind what they do not see yet.
            if (version.Role != VersionRole.Candidate || version.Shards.Count > 0 || HasRoom())
            {
                Begin(version.Id, () => BuildAsync(version, stop));
            }
        }

        foreach (var version in projection.Versions.Where(version => version is { Phase: VersionPhase.Replaying, Shards.Count: > 0 }))
        {
            AssignShard(version, stop);
        }
    }

    /// <summary>Who only waits for the shards of a version needs no room.</summary>
    private bool HasRoom() => _work.Keys.Count(key => key is ShardId || (key is VersionId version && !_inShards.Contains(version))) < _system.MostRebuilds;

    private void AssignShard(VersionSnapshot version, CancellationToken stop)
    {
        // Whoever holds the version says what is wrong with it; this program may only be of another release.
        if (_system.Registry.Find(version.Id) is not { AllStreams: not null } definition || ManifestCheck.FindEdit(definition, version) is not null)
        {
            return;
        }

        if (HasRoom() && _shardClaims.Of(version, id => _work.ContainsKey(id), id => IsResting(id)) is { } shard)
        {
            Begin(shard.Id, () => ReplayShardAsync(definition, version, shard, stop));
        }
    }

    /// <summary>A worker that a command starts for itself is gone too soon for orders, and this one's program may be too old for some.</summary>
    private async Task AssignOrdersAsync(CancellationToken stop)
    {
        await using var connection = await _system.Steady.OpenConnectionAsync(stop);
        foreach (var order in await WorkOrderStore.ReadWaitingAsync(connection, stop))
        {
            if (_system.Registry.Find(order.Version) is not null && _work.Keys.OfType<OpenOrder>().Count() < OrdersAtOnce)
            {
                Begin(order, () => RunOrderAsync(order, stop));
            }
        }
    }

    private async Task<bool> RunOrderAsync(OpenOrder order, CancellationToken stop)
    {
        await new WorkOrderRun(_system, order).RunAsync(stop);
        return true;
    }

    private bool NeedsBuild(VersionSnapshot version) =>
        !version.IsLeased && version.Phase.IsBuild() && _system.Registry.Find(version.Id) is not null;

    /// <summary>Starts a piece of work unless it is going on already, or came to nothing a moment ago.</summary>
    /// <param name="key">What is worked on.</param>
    /// <param name="work">Tells whether there was anything to do.</param>
    private void Begin(object key, Func<Task<bool>> work)
    {
        if (_work.ContainsKey(key) || IsResting(key))
        {
            return;
        }

        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _work[key] = (DoAsync(), _system.Time.GetTimestamp());
        begin.SetResult();

        async Task DoAsync()
        {
            await begin.Task;
            try
            {
                if (await work())
                {
                    Healed(key);
                }
                else
                {
                    // Somebody else was quicker, and the next look shows it. To look at once, again and again, would only load the server.
                    _pauses[key] = new Pause(Rest, _system.Time.GetUtcNow() + Rest);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Stopped; what was folded is committed or will be folded again.
            }
            catch (Exception exception)
            {
                Postpone(key, exception);
            }
            finally
            {
                _work.TryRemove(key, out _);
                _signal.Raise();
            }
        }
    }

    private bool IsResting(object key) => _pauses.TryGetValue(key, out var pause) && _system.Time.GetUtcNow() < pause.Until;

    private void Healed(object key)
    {
        _pauses.TryRemove(key, out _);
        _troubles.End(key);
    }

    /// <summary>What has gone on for longer than the longest pause is no longer in trouble.</summary>
    private void ForgetWhatHealed()
    {
        foreach (var (key, work) in _work)
        {
            if (_pauses.ContainsKey(key) && _system.Time.GetElapsedTime(work.Began) > LongestPause)
            {
                Healed(key);
            }
        }
    }

    private void Postpone(object key, Exception exception)
    {
        // Who steps aside stays away long enough for another worker to notice.
        var pause = exception is HandedOver
            ? new Pause(_system.Options.LeaseDuration, default)
            : _pauses.AddOrUpdate(key, _ => new Pause(TimeSpan.FromMilliseconds(200), default), (_, before) => before.Longer(LongestPause));
        _pauses[key] = pause with { Until = _system.Time.GetUtcNow() + pause.Length };
        if (exception is not (LeaseLost or HandedOver or VersionStopped))
        {
            _troubles.Begin(key, exception.Cause);
        }

        if (exception is LeaseLost or HandedOver or VersionStopped or UnknownToFollower or OperationCanceledException || PassingFault.Is(exception) || MendableFault.Is(exception))
        {
            LogInterrupted(_logger, key, exception.Cause, pause.Length.TotalSeconds);
        }
        else
        {
            LogFailed(_logger, key, exception);
        }
    }

    private async Task<bool> FollowAsync(ProjectionName projection, CancellationToken stop)
    {
        try
        {
            await using var lockstep = await Lockstep.TryFormAsync(_system, _keeper, _tail, _groups.Of(projection), _watch.AlarmOf(projection), _handover, projection, stop);
            if (lockstep is not null)
            {
                // The rest of its group may be waiting to be taken, too.
                _signal.Raise();
                await lockstep.RunAsync(stop);
            }

            return lockstep is not null;
        }
        finally
        {
            _watch.Forget(projection);
        }
    }

    /// <summary>Carries out a switch that was asked for together with the rebuild; asked for once, whatever comes of it.</summary>
    private async Task<bool> SwitchAsync(VersionId version, CancellationToken stop)
    {
        var asked = new SwitchCommand { Projection = version.Projection, To = version.Number, Why = "asked for with the rebuild" };
        try
        {
            await new ReadSwitch(_system).RunAsync([version], asked, new CommandContext(_system.Name) { IsAutomatic = true }, stop);
        }
        catch (SwitchRefused refused)
        {
            LogNotSwitched(_logger, version, refused.Message);
            await _system.Catalog.GiveUpSwitchAsync(version, refused.Message, stop);
        }

        return true;
    }

    private async Task<bool> ProveAsync(VersionId version, CancellationToken stop)
    {
        try
        {
            return await new SeedProof(_system).RunAsync(version, stop);
        }
        catch (OperationRefused refused)
        {
            LogNotProved(_logger, version, refused.Message);
            return false;
        }
    }

    private async Task<bool> BuildAsync(VersionSnapshot version, CancellationToken stop)
    {
        if (version.Role != VersionRole.Candidate || version.Shards.Count > 0)
        {
            return await TakeAndBuildAsync(version, stop);
        }

        // Other databases of the process rebuild, too.
        await _system.Process.RebuildTurns.WaitAsync(stop);
        try
        {
            return await TakeAndBuildAsync(version, stop);
        }
        finally
        {
            _system.Process.RebuildTurns.Release();
        }
    }

    private async Task<bool> TakeAndBuildAsync(VersionSnapshot version, CancellationToken stop)
    {
        if (_system.Registry.Find(version.Id) is not { } definition || await _keeper.TryTakeAsync(version, stop) is not { } lease)
        {
            return false;
        }

        await HoldAsync(lease, () => new VersionBuild(_system, definition, lease, _signal, new LateEventMend(_system).RunAsync).RunAsync(stop), stop);
        return true;
    }

    private async Task<bool> ReplayShardAsync(ProjectionVersion definition, VersionSnapshot version, ShardSnapshot shard, CancellationToken stop)
    {
        if (await _keeper.TryTakeAsync(version, shard, stop) is not { } lease)
        {
            return false;
        }

        await HoldAsync(lease, () => new ShardReplay(_system, definition, lease).RunAsync(stop), stop);
        return true;
    }

    /// <summary>Does what a lease is for, and gives it back whatever happens.</summary>
    private async Task HoldAsync(Lease lease, Func<Task> work, CancellationToken stop)
    {
        await using (lease)
        {
            try
            {
                await work();
            }
            catch (OperationCanceledException) when (lease.StopAsked.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                // Whatever it was in the middle of, such as an index, is undone; what was folded is committed.
                LogBuildStopped(_logger, lease.Subject);
            }
            catch (OperationCanceledException) when (lease.Lost.IsCancellationRequested && !stop.IsCancellationRequested)
            {
                throw new LeaseLost(lease);
            }
            catch (Exception exception) when (exception is PoisonEvent or BuildRefused or SourceRestored
                || DropOut.Of(exception, leads: lease.Taken.Role != VersionRole.Candidate) is { Fails: true })
            {
                LogBuildFailed(_logger, lease.Subject, exception.Cause);
                await FailAsync(lease, exception);
            }
        }
    }

    /// <summary>Stops the version in the catalog with the reason, unless somebody else holds it by now.</summary>
    private async Task FailAsync(Lease lease, Exception exception)
    {
        await using var connection = await _system.ReadModels.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var version = await Checkpoints.ProveAsync(connection, lease, CancellationToken.None);
        if (version.Phase.CanBecome(VersionPhase.Failed))
        {
            await VersionLife.FailAsync(
                connection, version, exception.Cause, (exception as PoisonEvent)?.Position, new Actor(_system.Name), CancellationToken.None);
            await ProjectionCatalog.NotifyAsync(connection, version.Id.Projection, CancellationToken.None);
        }

        await transaction.CommitAsync();
    }

    private sealed record Pause(TimeSpan Length, DateTimeOffset Until)
    {
        public Pause Longer(TimeSpan longest) => this with { Length = Length * 2 < longest ? Length * 2 : longest };
    }

    [LoggerMessage(401, LogLevel.Warning, "The catalog cannot be read ({Reason}); trying again.")]
    private static partial void LogNoCatalog(ILogger logger, string reason);

    [LoggerMessage(402, LogLevel.Warning, "Work on {Key} was interrupted ({Reason}); trying again in {Seconds} s.")]
    private static partial void LogInterrupted(ILogger logger, object key, string reason, double seconds);

    [LoggerMessage(403, LogLevel.Error, "Work on {Key} failed.")]
    private static partial void LogFailed(ILogger logger, object key, Exception exception);

    [LoggerMessage(405, LogLevel.Warning, "{Version} is ready, and reads were not switched to it: {Reason}")]
    private static partial void LogNotSwitched(ILogger logger, VersionId version, string reason);

    [LoggerMessage(406, LogLevel.Warning, "The rows that {Version} began with cannot be proved at present: {Reason}")]
    private static partial void LogNotProved(ILogger logger, VersionId version, string reason);

    [LoggerMessage(409, LogLevel.Information, "Work on {Subject} was stopped by a command.")]
    private static partial void LogBuildStopped(ILogger logger, object subject);

    [LoggerMessage(404, LogLevel.Error, "{Subject} failed: {Reason}")]
    private static partial void LogBuildFailed(ILogger logger, object subject, string reason);
}
