using Projections.Definitions;
using Projections.Events;

namespace Projections.Following;

/// <summary>A lockstep's place in its group: how far the group folds, and whether it commits for the lockstep, too.</summary>
internal sealed class GroupSeat(LockstepGroup group, ProjectionName projection, TimeShare share) : IDisposable
{
    /// <summary>Longer each time, when it soon has to go again.</summary>
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);

    private TimeSpan _rest;

    public ProjectionName Projection => projection;

    /// <inheritdoc cref="LockstepGroup.MostEvents"/>
    public int MostEvents => group.MostEvents;

    /// <summary>How long the others may still wait for it.</summary>
    public TimeShare Share => share;

    /// <summary>Whether the others wait for it. Belongs to the group, as all that follows.</summary>
    public bool IsIn { get; set; }

    /// <summary>Up to where it has folded.</summary>
    public EventPosition Position { get; set; }

    /// <summary>What it folds for, until that is committed; <c>null</c> when it folds for itself.</summary>
    public GroupRound? Round { get; set; }

    /// <summary>Until when it follows alone.</summary>
    public DateTimeOffset RestsUntil { get; private set; }

    /// <summary>Says how far to fold: as far as all in the group do, once they have committed what they are at.</summary>
    /// <param name="position">Up to where it has folded.</param>
    /// <param name="through">How far there is something to fold.</param>
    public Task<EventPosition> EnterAsync(EventPosition position, EventPosition through) => group.EnterAsync(this, position, through);

    /// <summary>It has folded as far as it was told to.</summary>
    /// <param name="commit">What is to be committed.</param>
    /// <param name="wants">Whether there is anything that cannot wait.</param>
    public Task<GroupOutcome> ArriveAsync(LockstepCommit commit, bool wants) => group.ArriveAsync(this, commit, wants);

    /// <summary>Does something alone; it comes back by <see cref="EnterAsync"/>.</summary>
    public void Leave() => group.Leave(this);

    /// <returns>How long it is to follow alone, since the others have waited for it too long.</returns>
    public TimeSpan Rest(DateTimeOffset now)
    {
        _rest = now - RestsUntil > _rest ? FirstRest : _rest * 2 < LongestRest ? _rest * 2 : LongestRest;
        RestsUntil = now + _rest;
        return _rest;
    }

    public void Dispose() => group.GiveUp(this);
}

/// <summary>What has come of a round for one of those who took part.</summary>
internal enum GroupOutcome
{
    /// <summary>Its rows and checkpoints are committed, with those of all others.</summary>
    Committed,

    /// <summary>Nobody had anything to commit.</summary>
    Nothing,

    /// <summary>It has to commit by itself; nothing of it was committed.</summary>
    Alone,
}
