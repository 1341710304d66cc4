using Microsoft.Extensions.Logging;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Following;

/// <summary>
/// Projections that one worker follows together: their locksteps fold to the same position, and one transaction writes the tables and checkpoints of
/// all. So every snapshot sees all these read models at one position. Nothing is given up for it: whoever fails, crawls, catches up or does something
/// for itself alone is not waited for, or no longer than its share of time, commits by itself, and comes back with a round that brings all to one position.
/// </summary>
internal sealed partial class LockstepGroup(ProjectionSystem system)
{
    /// <summary>About how many events a round has: so many that its commit is one round trip as a rule, since commits that take a step after the other would, once
    /// all is slow for a moment, keep it so.</summary>
    private const int MostEventsOfSeveral = 250;

    private readonly ILogger _logger = system.Loggers.CreateLogger<LockstepGroup>();
    private readonly Lock _lock = new();
    private readonly List<GroupSeat> _seats = [];
    private GroupRound? _round;

    /// <summary>After how many events a round ends; who is alone takes all that there are.</summary>
    public int MostEvents
    {
        get
        {
            lock (_lock)
            {
                return _seats.Count > 1 ? MostEventsOfSeveral : int.MaxValue;
            }
        }
    }

    public GroupSeat Take(ProjectionName projection)
    {
        var seat = new GroupSeat(this, projection, new TimeShare(system.Options.CandidateShare, system.Time));
        lock (_lock)
        {
            _seats.Add(seat);
        }

        return seat;
    }

    /// <inheritdoc cref="GroupSeat.EnterAsync"/>
    public async Task<EventPosition> EnterAsync(GroupSeat seat, EventPosition position, EventPosition through)
    {
        while (true)
        {
            Task before;
            lock (_lock)
            {
                if (seat.RestsUntil > system.Time.GetUtcNow())
                {
                    return through;
                }

                _round ??= new GroupRound(through, _seats.Where(other => other.IsIn && other.Position < through), system.Time);
                if (!_round.IsClosed && _round.Target > position)
                {
                    _round.Expect(seat);
                    (seat.Round, seat.IsIn, seat.Position) = (_round, true, position);
                    return _round.Target;
                }

                // It is being committed, or does not reach beyond what this one has folded already.
                before = _round.Ended;
            }

            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc cref="GroupSeat.ArriveAsync"/>
    public async Task<GroupOutcome> ArriveAsync(GroupSeat seat, LockstepCommit commit, bool wants)
    {
        GroupRound? round;
        bool isLast;
        lock (_lock)
        {
            round = seat.Round;
            if (round is null)
            {
                // It rests, or the others did not wait for it any longer.
                return GroupOutcome.Alone;
            }

            (seat.Round, seat.Position) = (null, round.Target);
            var beginsToWait = round.Arrive(seat, commit, wants);
            isLast = round.TryClose();
            if (!isLast && beginsToWait)
            {
                _ = Task.Run(() => WaitForTheRestAsync(round));
            }
            else if (!isLast && round.Arrived.Count == 1)
            {
                _ = Task.Run(() => WaitForHalfAsync(round));
            }
        }

        if (isLast)
        {
            await EndAsync(round);
        }

        return (await round.Ended)[seat];
    }

    /// <inheritdoc cref="GroupSeat.Leave"/>
    public void Leave(GroupSeat seat)
    {
        lock (_lock)
        {
            Excuse(seat);
        }
    }

    /// <summary>The lockstep is no more.</summary>
    public void GiveUp(GroupSeat seat)
    {
        lock (_lock)
        {
            Excuse(seat);
            _seats.Remove(seat);
        }
    }

    private void Excuse(GroupSeat seat)
    {
        // The others may expect it although it has not looked at the round yet.
        (seat.IsIn, seat.Round) = (false, null);
        _round?.Excuse(seat);
        if (_round is { } round && round.TryClose())
        {
            _ = Task.Run(() => EndAsync(round));
        }
    }

    /// <summary>Where more than half crawl, those who do not are held up by them no longer than this.</summary>
    private async Task WaitForHalfAsync(GroupRound round)
    {
        await WaitAsync(round, system.Options.CandidateShare);
        lock (_lock)
        {
            if (round.IsClosed || !round.TryBeginToWait())
            {
                return;
            }
        }

        await WaitForTheRestAsync(round);
    }

    /// <summary>Waits for those who are missing no longer than their shares of time last.</summary>
    private async Task WaitForTheRestAsync(GroupRound round)
    {
        while (true)
        {
            TimeSpan wait;
            lock (_lock)
            {
                foreach (var late in round.Missing.Where(seat => round.PatienceWith(seat) <= TimeSpan.Zero).ToList())
                {
                    LogTooLate(_logger, late.Projection, round.Waited.TotalMilliseconds, late.Rest(system.Time.GetUtcNow()).TotalSeconds);
                    Excuse(late);
                }

                if (round.IsClosed)
                {
                    return;
                }

                wait = round.Missing.Min(round.PatienceWith);
            }

            await WaitAsync(round, wait);
        }
    }

    private async Task WaitAsync(GroupRound round, TimeSpan atMost) =>
        await ((Task)round.Ended).WaitAsync(atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero, system.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Commits what has arrived. Whoever is not committed does it alone, and is not waited for meanwhile.</summary>
    private async Task EndAsync(GroupRound round)
    {
        try
        {
            var outcomes = await CommitAsync(round);
            EndWith(round, outcomes);
            round.End(outcomes);
        }
        catch (Exception exception)
        {
            // Each meets it, and begins again at its checkpoint: whether it was committed is not known.
            EndWith(round, round.Arrived.ToDictionary(one => one.Seat, _ => GroupOutcome.Alone));
            round.Fail(exception);
        }
    }

    private void EndWith(GroupRound round, IReadOnlyDictionary<GroupSeat, GroupOutcome> outcomes)
    {
        lock (_lock)
        {
            _round = null;
            foreach (var (seat, _) in round.Arrived)
            {
                // One that is there by itself stays: nobody waits for what it commits now.
                seat.IsIn &= outcomes[seat] != GroupOutcome.Alone || round.Arrived.Count == 1;
            }
        }
    }

    private async Task<IReadOnlyDictionary<GroupSeat, GroupOutcome>> CommitAsync(GroupRound round)
    {
        if (!round.IsWanted)
        {
            return round.Arrived.ToDictionary(one => one.Seat, _ => GroupOutcome.Nothing);
        }

        var commit = new GroupCommit(system, [.. round.Arrived.Select(one => one.Commit)], system.Options.CandidateShare);
        var committed = await commit.RunAsync();
        if (commit.HeldUpBy is { } culprit)
        {
            var seat = round.Arrived.First(one => one.Commit == culprit).Seat;
            lock (_lock)
            {
                LogHeldUp(_logger, seat.Projection, system.Options.CandidateShare.TotalMilliseconds, seat.Rest(system.Time.GetUtcNow()).TotalSeconds);
            }
        }

        return round.Arrived.ToDictionary(one => one.Seat, one => committed.Contains(one.Commit) ? GroupOutcome.Committed : GroupOutcome.Alone);
    }

    [LoggerMessage(341, LogLevel.Warning, "{Projection} has kept the projections that are followed with it waiting for {Waited:0} ms; it is followed alone for {Seconds} s.")]
    private static partial void LogTooLate(ILogger logger, ProjectionName projection, double waited, double seconds);

    [LoggerMessage(342, LogLevel.Warning, "A statement of {Projection} took longer than the {Limit:0} ms that the projections that are followed with it wait; it is followed alone for {Seconds} s.")]
    private static partial void LogHeldUp(ILogger logger, ProjectionName projection, double limit, double seconds);
}
