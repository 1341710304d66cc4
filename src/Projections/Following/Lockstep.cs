using Microsoft.Extensions.Logging;
using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Replay;
using Projections.Tables;
using Projections.Telemetry;

namespace Projections.Following;

/// <summary>
/// All versions of one projection that have caught up, advanced together: one read of the new events, folded by each
/// version's handler, and one transaction that writes all tables and checkpoints. So every snapshot sees all of them at the
/// same position, and a switch or a rollback has nothing left to catch up.
/// </summary>
internal sealed partial class Lockstep : IAsyncDisposable
{
    /// <summary>How long a checkpoint may lag when the events that came by concern none of the versions. Saves a commit for
    /// each event of the others.</summary>
    private static readonly TimeSpan IdleCommit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan NewcomerPatience = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to look around although nothing was signalled: a safety net, for each projection that is followed.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(15);

    private readonly ProjectionSystem _system;
    private readonly LeaseKeeper _keeper;
    private readonly SourceTail _tail;
    private readonly CatalogSignal _signal;
    private readonly StepAside _stepAside;
    private readonly ProjectionName _projection;
    private readonly EventFilter _filter;
    private readonly ILogger _logger;
    private readonly Actor _actor;
    private readonly List<LockstepMember> _members;
    private EventPosition _position;
    private long _committedAt;

    /// <summary>Whether it is noted that the entries of all members are committed.</summary>
    private bool _entriesConfirmed;

    /// <summary>A version waits to join at a position that the others have not reached; they do so within moments.</summary>
    private bool _newcomerAhead;

    private Lockstep(
        ProjectionSystem system,
        LeaseKeeper keeper,
        SourceTail tail,
        CatalogSignal signal,
        StepAside stepAside,
        ProjectionName projection,
        List<LockstepMember> members)
    {
        _system = system;
        _keeper = keeper;
        _tail = tail;
        _signal = signal;
        _stepAside = stepAside;
        _projection = projection;
        _members = members;
        _filter = system.Registry.FilterOf(projection);
        _logger = system.Loggers.CreateLogger<Lockstep>();
        _actor = new Actor(system.Name);
        _position = members[0].Fold.Through;
    }

    /// <summary>
    /// Takes the leases of all versions that are in the lockstep or, when there is none yet, begins one with a version that
    /// waits to join.
    /// </summary>
    /// <remarks>A version that this code does not know drops out, so that a deployment that was taken back does not stop the
    /// others; unless it is the live one, which only newer code can follow.</remarks>
    /// <returns><c>null</c> when there is nothing to follow, somebody else does, or this code does not know the live version.</returns>
    public static async Task<Lockstep?> TryFormAsync(
        ProjectionSystem system,
        LeaseKeeper keeper,
        SourceTail tail,
        CatalogSignal signal,
        StepAside stepAside,
        ProjectionName projection,
        CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ProjectionCatalog.LockAsync(connection, projection, cancellationToken) is not { } snapshot)
        {
            return null;
        }

        var joined = snapshot.Versions.Where(version => version.Lockstep).ToList();
        var chosen = joined.Count > 0 ? joined : [.. First(snapshot)];
        var known = chosen.Where(version => system.Registry.Find(version.Id) is not null).ToList();
        if (known.Count == 0 || chosen.Except(known).Any(version => version.State == VersionState.Live))
        {
            return null;
        }

        if (await keeper.TryTakeAsync(connection, chosen, cancellationToken) is not { } leases)
        {
            return null;
        }

        if (joined.Count == 0)
        {
            await LockstepEntry.EnterAsync(connection, chosen[0], new Actor(system.Name), cancellationToken);
        }

        var taken = chosen.Zip(leases).ToLookup(pair => known.Contains(pair.First), pair => pair.Second);
        foreach (var unknown in taken[false])
        {
            await LockstepEntry.LeaveToNewerCodeAsync(connection, unknown, new Actor(system.Name), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        await keeper.KeepAsync([.. taken[true]], chosen, cancellationToken);
        var members = known.Zip(taken[true], (version, lease) => Member(system, version, lease)).ToList();
        return new Lockstep(system, keeper, tail, signal, stepAside, projection, members);
    }

    /// <summary>Follows until stopped, until no version is left, or until a fault that is in the catalog when it returns.</summary>
    /// <exception cref="SteppedAside">A version waits that only newer code knows; another worker is to take over.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        LogFollowing(_logger, _projection, string.Join(", ", _members.Select(member => $"v{member.Id.Number}")), _position);
        try
        {
            await FollowAsync(stop);
        }
        catch (MemberUnwritable unwritable)
        {
            await FailAsync([unwritable.Member], unwritable.DropOut);
        }
        catch (SourceRestored restored)
        {
            foreach (var member in _members)
            {
                var reason = new SourceRestored(member.Id, restored.Highest, member.Fold.Checkpoint ?? restored.Checkpoint).Message;
                await FailAsync([member], new DropOut(reason, null, Fails: true));
            }
        }
        catch (EventSourceUnusable unusable)
        {
            await FailAsync(_members, new DropOut(unusable.Message, null, Fails: true));
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        _committedAt = _system.Time.GetTimestamp();
        var looked = 0L;
        var signal = Task.CompletedTask;
        while (_members.Count > 0 && !stop.IsCancellationRequested)
        {
            if (signal.IsCompleted || _newcomerAhead || _system.Time.GetElapsedTime(looked) >= LookInterval)
            {
                signal = _signal.Next;
                looked = _system.Time.GetTimestamp();
                await LookAroundAsync(stop);
            }

            var moved = await AdvanceAsync(stop);
            await CommitIdleAsync(stop);
            if (!moved)
            {
                await WaitAsync(signal, stop);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _members)
        {
            await member.DisposeAsync();
        }

        _members.Clear();
    }

    private static IEnumerable<VersionSnapshot> First(ProjectionSnapshot projection) =>
        projection.Versions
            .Where(version => version is { Joinable: true, IsLeased: false })
            .OrderByDescending(version => version.State == VersionState.Live)
            .ThenBy(version => version.Id.Number)
            .Take(1);

    private static LockstepMember Member(ProjectionSystem system, VersionSnapshot version, Lease lease)
    {
        var definition = system.Registry.Find(version.Id)!;
        var fold = new CheckpointedFold(system, definition, lease, version, () => system.Options.FollowingRowBytes(system.Registry.Versions.Count));
        var state = version.State == VersionState.CatchingUp ? VersionState.Ready : version.State;
        return new LockstepMember(fold, state, new TimeShare(system.Options.CandidateShare, system.Time));
    }

    /// <summary>
    /// Whether others wait for it: the live version, or all while none is live. Nothing that the rest does holds it back.
    /// </summary>
    private bool Leads(LockstepMember member) =>
        member.State == VersionState.Live || _members.TrueForAll(other => other.State != VersionState.Live);

    private async Task WaitAsync(Task signal, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var atMost = _newcomerAhead ? NewcomerPatience
            : _members.Exists(member => member.Fold.IsBeyondCheckpoint) ? IdleCommit
            : LookInterval;
        var tail = _tail.WaitAsync(_position, either.Token);
        var timer = Task.Delay(atMost, _system.Time, either.Token);
        await Task.WhenAny([tail, timer, signal, .. _members.Select(member => member.Lease.Ended)]);
        await either.CancelAsync();
    }

    /// <summary>Folds and commits what has come in.</summary>
    /// <returns>Whether there was anything.</returns>
    private async Task<bool> AdvanceAsync(CancellationToken stop)
    {
        var (batches, through) = _tail.After(_position);
        if (batches is null)
        {
            await CatchUpFromSourceAsync(through, stop);
            return true;
        }

        if (through == _position)
        {
            return false;
        }

        var handled = 0;
        foreach (var batch in batches)
        {
            handled += await FoldAsync(After(batch, _position), batch.Through);
        }

        // What the source skipped behind the last matching event counts as read, too.
        await FoldAsync(default, through);
        if (handled > 0 || _members.Exists(member => member.Leaving is not null))
        {
            await CommitAsync();
        }

        return true;
    }

    private async Task CatchUpFromSourceAsync(EventPosition upTo, CancellationToken stop)
    {
        await foreach (var batch in _system.Source.ReadAsync(_position, upTo, _filter, stop).ReadAheadAsync(2, stop))
        {
            await FoldAsync(batch.Memory, batch.Through);
            await CommitAsync();
            if (_members.TrueForAll(member => member.Leaving is null))
            {
                batch.Dispose();
            }
        }
    }

    private static ReadOnlyMemory<RecordedEvent> After(EventBatch batch, EventPosition position)
    {
        var events = batch.Memory;
        var first = 0;
        while (first < events.Length && events.Span[first].Position <= position)
        {
            first++;
        }

        return events[first..];
    }

    private async Task<int> FoldAsync(ReadOnlyMemory<RecordedEvent> events, EventPosition through)
    {
        var handled = 0;
        var began = _system.Time.GetTimestamp();
        foreach (var member in _members.Where(Leads))
        {
            handled += await FoldLeaderAsync(member, events, through);
        }

        var leaders = _system.Time.GetElapsedTime(began);
        foreach (var member in _members.Where(member => !Leads(member) && member.Leaving is null))
        {
            handled += await FoldCandidateAsync(member, events, through, leaders);
        }

        _position = through;
        return handled;
    }

    private static async Task<int> FoldLeaderAsync(LockstepMember member, ReadOnlyMemory<RecordedEvent> events, EventPosition through)
    {
        if (member.Leaving is not null)
        {
            return 0;
        }

        try
        {
            return await member.Fold.FoldAsync(events, through, member.Lease.Lost);
        }
        catch (Exception exception) when (Failure(exception) is { } failure)
        {
            member.Leaving = failure;
            return 0;
        }
    }

    /// <summary>Waits for a candidate's handler only as long as its share of time lasts.</summary>
    private async Task<int> FoldCandidateAsync(LockstepMember member, ReadOnlyMemory<RecordedEvent> events, EventPosition through, TimeSpan leaders)
    {
        if (events.IsEmpty)
        {
            return await member.Fold.FoldAsync(events, through, member.Lease.Lost);
        }

        var left = member.Share.Left + leaders;
        var began = _system.Time.GetTimestamp();
        var folding = Task.Run(async () => await FoldLeaderAsync(member, events, through));
        using var waiting = new CancellationTokenSource();
        await Task.WhenAny(folding, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _system.Time, waiting.Token));
        await waiting.CancelAsync();
        member.Share.Charge(_system.Time.GetElapsedTime(began), leaders);
        if (folding.IsCompleted)
        {
            return await folding;
        }

        member.Abandon(folding);
        member.Leaving = TooSlow(member.Id);
        return 0;
    }

    private DropOut TooSlow(VersionId version) => new(
        $"{version} took more than its share of time ({_system.Options.CandidateShare.TotalMilliseconds:0} ms) and dropped out of the lockstep; it catches up on its own.",
        null,
        Fails: false);

    private static DropOut? Failure(Exception exception) => exception switch
    {
        PoisonEvent poison => new DropOut(poison.Message, poison, Fails: true),
        OperationCanceledException or LeaseLost => null,
        _ when PassingFault.Is(exception) => null,
        _ => new DropOut(exception.Message, null, Fails: true),
    };

    private async Task CommitIdleAsync(CancellationToken stop)
    {
        if (!stop.IsCancellationRequested
            && _members.Exists(member => member.Fold.IsBeyondCheckpoint)
            && _system.Time.GetElapsedTime(_committedAt) >= IdleCommit)
        {
            await CommitAsync();
        }
    }

    /// <summary>Writes all members' tables and checkpoints, and lets go of those that leave, in one transaction.</summary>
    private async Task CommitAsync()
    {
        await using var connection = await _system.ReadModels.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var began = _system.Time.GetTimestamp();
        var leaders = TimeSpan.Zero;
        foreach (var member in _members.Where(member => member.Leaving is null).OrderByDescending(Leads))
        {
            await WriteAsync(member, connection, transaction, leaders);
            leaders = Leads(member) ? _system.Time.GetElapsedTime(began) : leaders;
        }

        // In the order of their numbers, as everybody does who locks several versions.
        foreach (var member in _members.OrderBy(member => member.Id.Number))
        {
            await (member.Leaving is { } leaving
                ? LockstepEntry.LeaveAsync(connection, member.Lease, leaving, _actor, CancellationToken.None)
                : member.Fold.AdvanceAsync(connection, CancellationToken.None));
        }

        await transaction.CommitAsync();
        foreach (var member in _members.Where(member => member.Leaving is null))
        {
            member.Fold.Committed();
        }

        _committedAt = _system.Time.GetTimestamp();
        Instruments.CommitDuration.Record(_system.Time.GetElapsedTime(began, _committedAt).TotalSeconds, Instruments.Projection(_projection), new("work", "following"));
        await DropLeaversAsync();
    }

    private async Task WriteAsync(LockstepMember member, NpgsqlConnection connection, NpgsqlTransaction transaction, TimeSpan leaders)
    {
        if (Leads(member))
        {
            try
            {
                await member.Fold.WriteAsync(connection, member.Lease.Lost);
            }
            catch (Exception exception) when (Failure(exception) is { } failure)
            {
                throw new MemberUnwritable(member, failure, exception);
            }
        }
        else if (member.Fold.Fold.HasChanges || member.Fold.Fold.SetAside.Count > 0)
        {
            await WriteCandidateAsync(member, connection, transaction, leaders);
        }
    }

    /// <summary>A candidate's rows are written behind a savepoint and within its share of time: its failure is its own.</summary>
    private async Task WriteCandidateAsync(LockstepMember member, NpgsqlConnection connection, NpgsqlTransaction transaction, TimeSpan leaders)
    {
        var left = Math.Max(1, (long)(member.Share.Left + leaders).TotalMilliseconds);
        var began = _system.Time.GetTimestamp();
        await transaction.SaveAsync("candidate");
        try
        {
            await connection.ExecuteAsync("select set_config('statement_timeout', $1, true)", CancellationToken.None, $"{left}ms");
            await member.Fold.WriteAsync(connection, member.Lease.Lost);
            await connection.ExecuteAsync("select set_config('statement_timeout', '0', true)", CancellationToken.None);
            await transaction.ReleaseAsync("candidate");
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            await transaction.RollbackAsync("candidate");
            member.Leaving = TooSlow(member.Id);
        }
        catch (Exception exception) when (Failure(exception) is { } failure)
        {
            await transaction.RollbackAsync("candidate");
            member.Leaving = failure;
        }

        member.Share.Charge(_system.Time.GetElapsedTime(began), leaders);
    }

    private async Task FailAsync(IReadOnlyList<LockstepMember> members, DropOut dropOut)
    {
        await using var connection = await _system.ReadModels.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var member in members.OrderBy(member => member.Id.Number))
        {
            LogLeft(_logger, member.Id, dropOut.Reason);
            await LockstepEntry.LeaveAsync(connection, member.Lease, dropOut, _actor, CancellationToken.None);
        }

        await transaction.CommitAsync();
    }

    private async Task DropLeaversAsync()
    {
        foreach (var member in _members.Where(member => member.Leaving is not null).ToList())
        {
            LogLeft(_logger, member.Id, member.Leaving!.Reason);
            _members.Remove(member);
            await member.DisposeAsync();
        }
    }

    /// <summary>Looks at what others have changed: versions paused or gone, versions to be taken in, dead letters to retry.</summary>
    private async Task LookAroundAsync(CancellationToken stop)
    {
        var snapshot = await _system.Catalog.ReadAsync(_projection, stop);
        foreach (var member in _members.ToList())
        {
            if (snapshot?.Find(member.Id.Number) is { Lockstep: true } version && version.LeaseEpoch == member.Lease.Epoch)
            {
                member.State = version.State;
                continue;
            }

            LogLeft(_logger, member.Id, "it was paused, retired or taken over");
            _members.Remove(member);
            await member.DisposeAsync();
        }

        await RefuseRestoredSourceAsync(stop);
        await RetryDeadLettersAsync(stop);
        await RepairAsync(stop);

        _newcomerAhead = false;
        foreach (var joining in snapshot?.Versions.Where(version => version is { Joinable: true, Lockstep: false, IsLeased: false }) ?? [])
        {
            await TakeInAsync(joining, stop);
        }

        await ConfirmEntriesAsync(stop);
    }

    private async Task RetryDeadLettersAsync(CancellationToken stop)
    {
        foreach (var member in _members.ToList())
        {
            var letters = await DeadLetterRetry.FindAsync(_system, member.Id, stop);
            if (letters.Count > 0 && await StaysAfterCommitAsync(member))
            {
                await DeadLetterRetry.RunAsync(_system, member.Fold, letters, stop);
            }
        }
    }

    private async Task RepairAsync(CancellationToken stop)
    {
        foreach (var member in _members.ToList())
        {
            foreach (var request in await RowRepair.FindAsync(_system, member.Id, stop))
            {
                if (!await StaysAfterCommitAsync(member))
                {
                    break;
                }

                await RowRepair.RunAsync(_system, member.Fold, request, stop);
            }
        }
    }

    /// <summary>Commits what all have folded, before something that commits one version alone and would take it ahead of the others.</summary>
    private async Task<bool> StaysAfterCommitAsync(LockstepMember member)
    {
        if (_members.Exists(other => other.Fold.IsBeyondCheckpoint))
        {
            await CommitAsync();
        }

        return _members.Contains(member);
    }

    private async Task ConfirmEntriesAsync(CancellationToken stop)
    {
        if (!_entriesConfirmed)
        {
            await using var connection = await _system.ReadModels.OpenConnectionAsync(stop);
            await LockstepEntry.ConfirmAsync(connection, _projection, stop);
            _entriesConfirmed = true;
        }
    }

    private async Task RefuseRestoredSourceAsync(CancellationToken stop)
    {
        var head = await _system.Source.GetSafeHeadAsync(stop);
        foreach (var member in _members)
        {
            SourceRestored.ThrowIfBehind(member.Id, head, member.Fold.Checkpoint);
        }
    }

    private async Task TakeInAsync(VersionSnapshot version, CancellationToken stop)
    {
        if (_members.Count == 0)
        {
            return;
        }

        if (_system.Registry.Find(version.Id) is null)
        {
            _stepAside.IfItIsTime(version.Id);
            return;
        }

        if (version.Checkpoint > _position)
        {
            _newcomerAhead = true;
            return;
        }

        if (_members.Exists(member => member.Fold.IsBeyondCheckpoint))
        {
            await CommitAsync();
        }

        if (await _keeper.TryTakeAsync(version, stop) is not { } lease)
        {
            return;
        }

        var member = Member(_system, version, lease);
        if (await new LockstepEntry(_system, member, _actor).CatchUpAndEnterAsync(version, _position, stop))
        {
            _members.Add(member);
            _entriesConfirmed = false;
            LogJoined(_logger, member.Id, _position);
        }
        else
        {
            await member.DisposeAsync();
        }
    }

    [LoggerMessage(311, LogLevel.Information, "Following {Projection} ({Versions}) from {Position}.")]
    private static partial void LogFollowing(ILogger logger, ProjectionName projection, string versions, EventPosition position);

    [LoggerMessage(312, LogLevel.Information, "{Version} joined the lockstep at {Position}.")]
    private static partial void LogJoined(ILogger logger, VersionId version, EventPosition position);

    [LoggerMessage(313, LogLevel.Warning, "{Version} left the lockstep: {Reason}")]
    private static partial void LogLeft(ILogger logger, VersionId version, string reason);
}
