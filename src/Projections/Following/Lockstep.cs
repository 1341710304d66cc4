using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Replay;

namespace Projections.Following;

/// <summary>
/// All versions of one projection that have caught up, advanced together: one read of the new events, folded by each
/// version's handler, and one transaction that writes all tables and checkpoints. So every snapshot sees all of them at the
/// same position, and a switch or a rollback has nothing left to catch up. The transaction is that of its <see cref="LockstepGroup"/>.
/// </summary>
internal sealed partial class Lockstep : IAsyncDisposable
{
    private static readonly TimeSpan NewcomerPatience = TimeSpan.FromMilliseconds(100);

    private readonly ProjectionSystem _system;
    private readonly SourceTail _tail;
    private readonly LockstepAlarm _alarm;
    private readonly ProjectionName _projection;
    private readonly EventFilter _filter;
    private readonly ILogger _logger;
    private readonly LockstepMembers _members;
    private readonly LockstepFold _fold;
    private readonly LockstepCommit _commit;
    private readonly LockstepLook _look;
    private readonly GroupSeat _seat;

    private Lockstep(
        ProjectionSystem system,
        LeaseKeeper keeper,
        SourceTail tail,
        LockstepGroup group,
        LockstepAlarm alarm,
        Handover handover,
        ProjectionName projection,
        LockstepMembers members)
    {
        _system = system;
        _tail = tail;
        _alarm = alarm;
        _projection = projection;
        _filter = system.Registry.FilterOf(projection);
        _logger = system.Loggers.CreateLogger<Lockstep>();
        _members = members;
        _fold = new LockstepFold(system, members);
        _seat = group.Take(projection);
        _commit = new LockstepCommit(system, projection, members, _seat);
        _look = new LockstepLook(system, keeper, alarm, handover, projection, members, _commit);
    }

    /// <returns><c>null</c> when there is nothing to follow, or somebody else does.</returns>
    /// <exception cref="UnknownToFollower">This code does not know the live version.</exception>
    public static async Task<Lockstep?> TryFormAsync(
        ProjectionSystem system,
        LeaseKeeper keeper,
        SourceTail tail,
        LockstepGroup group,
        LockstepAlarm alarm,
        Handover handover,
        ProjectionName projection,
        CancellationToken cancellationToken) =>
        await LockstepFormation.TryFormAsync(system, keeper, projection, cancellationToken) is { } members
            ? new Lockstep(system, keeper, tail, group, alarm, handover, projection, members)
            : null;

    /// <summary>Follows until stopped, until no version is left, or until a fault that is in the catalog when it returns.</summary>
    /// <exception cref="HandedOver">Another worker is to take over.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        LogFollowing(_logger, _projection, string.Join(", ", _members.Select(member => $"v{member.Id.Number}")), _members.Position);
        try
        {
            await FollowAsync(stop);
        }
        catch (CapturesChanged)
        {
            LogCapturesChanged(_logger, _projection);
        }
        catch (MemberUnwritable unwritable)
        {
            await _commit.DropAsync([unwritable.Member], unwritable.DropOut);
        }
        catch (SourceRestored restored)
        {
            foreach (var member in _members)
            {
                await _commit.DropAsync([member], new DropOut(restored.Of(member.Id).Message, null, Fails: true));
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        _seat.Dispose();
        return _members.DisposeAsync();
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        var alarm = Task.CompletedTask;
        while (_members.Count > 0 && !stop.IsCancellationRequested)
        {
            if (alarm.IsCompleted || _look.NewcomerAhead || _members.SomeLeasesEnded)
            {
                alarm = _alarm.Next;
                await _look.RunAsync(stop);
            }

            var moved = await AdvanceAsync(stop);
            if (!stop.IsCancellationRequested)
            {
                await _commit.RunIfDueAsync();
            }

            if (!moved)
            {
                await WaitAsync(alarm, stop);
            }
        }
    }

    private async Task WaitAsync(Task alarm, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var atMost = _look.NewcomerAhead ? NewcomerPatience
            : _members.AreBeyondCheckpoint ? LockstepCommit.IdleInterval
            : Timeout.InfiniteTimeSpan;
        var tail = _tail.WaitAsync(_members.Position, either.Token);
        var timer = Task.Delay(atMost, _system.Time, either.Token);
        await Task.WhenAny([tail, timer, alarm, .. _members.Select(member => member.Lease.Ended)]);
        await either.CancelAsync();
    }

    /// <summary>Folds and commits what has come in.</summary>
    /// <returns>Whether there was anything.</returns>
    private async Task<bool> AdvanceAsync(CancellationToken stop)
    {
        var (batches, through) = _tail.After(_members.Position);
        if (batches is not null && through > _members.Position)
        {
            through = await _seat.EnterAsync(_members.Position, FirstOf(batches, _seat.MostEvents, through));
            (batches, _) = _tail.After(_members.Position);
        }

        if (_look.LateEventsTurnedUp)
        {
            // Before what may follow them: it is among these.
            _seat.Leave();
            await _look.RunAsync(stop);
            return true;
        }

        if (through == _members.Position)
        {
            return false;
        }

        if (batches is null)
        {
            _seat.Leave();
            await CatchUpFromSourceAsync(through, stop);
            return true;
        }

        var handled = 0;
        foreach (var batch in batches.TakeWhile(batch => batch.Through <= through))
        {
            handled += await _fold.FoldAsync(After(batch, _members.Position), batch.Through);
            if (_look.LateEventsTurnedUp)
            {
                // At a number that was passed just now: what comes next may follow it.
                await _commit.RunIfBeyondAsync();
                return true;
            }
        }

        // What the source skipped behind the last matching event counts as read, too.
        await _fold.FoldAsync(default, through);
        await _commit.RunWithGroupAsync(handled > 0);
        return true;
    }

    private async Task CatchUpFromSourceAsync(EventPosition upTo, CancellationToken stop)
    {
        await foreach (var batch in _system.Source.ReadAsync(_members.Position, upTo, _filter, stop).ReadAheadAsync(2, stop))
        {
            await _fold.FoldAsync(batch.Memory, batch.Through);
            // Who is abandoned may still be reading it.
            var mayBeUsed = _members.SomeLeave;
            await _commit.RunAsync();
            if (!mayBeUsed)
            {
                batch.Dispose();
            }

            if (_look.LateEventsTurnedUp)
            {
                return;
            }
        }
    }

    /// <summary>Where the first few of the batches end.</summary>
    private static EventPosition FirstOf(IReadOnlyList<EventBatch> batches, int most, EventPosition through)
    {
        var events = 0;
        foreach (var batch in batches)
        {
            events += batch.Count;
            if (events >= most)
            {
                return batch.Through;
            }
        }

        return through;
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

    [LoggerMessage(314, LogLevel.Information, "Reactions or the feed of {Projection} were started or stopped; it is followed anew from its checkpoint.")]
    private static partial void LogCapturesChanged(ILogger logger, ProjectionName projection);

    [LoggerMessage(311, LogLevel.Information, "Following {Projection} ({Versions}) from {Position}.")]
    private static partial void LogFollowing(ILogger logger, ProjectionName projection, string versions, EventPosition position);
}
