using Projections.Events;

namespace Projections.Following;

/// <summary>One advance of a group: who folds how far, and what comes of it. Belongs to its <see cref="LockstepGroup"/>, under whose lock it is.</summary>
internal sealed class GroupRound(EventPosition target, IEnumerable<GroupSeat> expected, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private readonly HashSet<GroupSeat> _missing = [.. expected];
    private readonly List<(GroupSeat Seat, LockstepCommit Commit)> _arrived = [];
    private readonly TaskCompletionSource<IReadOnlyDictionary<GroupSeat, GroupOutcome>> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan? _othersTook;
    private long _waitsSince;

    /// <summary>Up to where all fold.</summary>
    public EventPosition Target => target;

    public IReadOnlyCollection<GroupSeat> Missing => _missing;

    public IReadOnlyList<(GroupSeat Seat, LockstepCommit Commit)> Arrived => _arrived;

    /// <summary>Whether somebody has something that cannot wait.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>Whether it takes nobody any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>How long the others have waited for those who are missing.</summary>
    public TimeSpan Waited => _othersTook is null ? TimeSpan.Zero : time.GetElapsedTime(_waitsSince);

    public Task<IReadOnlyDictionary<GroupSeat, GroupOutcome>> Ended => _ended.Task;

    public void Expect(GroupSeat seat) => _missing.Add(seat);

    public void Excuse(GroupSeat seat) => _missing.Remove(seat);

    /// <summary>Whoever comes when the others wait already is charged for it.</summary>
    /// <returns>Whether the others wait from now on.</returns>
    public bool Arrive(GroupSeat seat, LockstepCommit commit, bool wants)
    {
        if (_othersTook is { } taken)
        {
            seat.Share.Charge(Waited, taken);
        }

        _missing.Remove(seat);
        _arrived.Add((seat, commit));
        IsWanted |= wants;
        return _arrived.Count >= _missing.Count && TryBeginToWait();
    }

    /// <summary>Half have arrived, or it was long enough even so: what the rest take beyond what those took is waiting.</summary>
    /// <returns>Whether that begins now.</returns>
    public bool TryBeginToWait()
    {
        if (_othersTook is not null)
        {
            return false;
        }

        _waitsSince = time.GetTimestamp();
        _othersTook = time.GetElapsedTime(_began, _waitsSince);
        return true;
    }

    /// <summary>How long the others wait for one that is missing, once they do.</summary>
    public TimeSpan PatienceWith(GroupSeat missing) => missing.Share.Left + (_othersTook ?? TimeSpan.Zero) - Waited;

    /// <returns>Whether nobody is missing; whoever is told so ends the round.</returns>
    public bool TryClose()
    {
        if (IsClosed || _missing.Count > 0)
        {
            return false;
        }

        IsClosed = true;
        return true;
    }

    public void End(IReadOnlyDictionary<GroupSeat, GroupOutcome> outcomes) => _ended.SetResult(outcomes);

    public void Fail(Exception exception) => _ended.SetException(exception);
}
