using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Following;

/// <summary>
/// Wakes a lockstep when the look at the catalog that a worker takes for all its projections shows something that this one has not
/// seen yet. The lockstep then looks for itself: what the alarm was rung for may be old by then.
/// </summary>
internal sealed class LockstepAlarm
{
    private TaskCompletionSource _ring = New();
    private volatile ProjectionSnapshot? _seen;

    /// <summary>The task that completes at the next ring. Take it before looking at the catalog, then wait for it.</summary>
    public Task Next => Volatile.Read(ref _ring).Task;

    public void Ring() => Interlocked.Exchange(ref _ring, New()).SetResult();

    /// <summary>The lockstep has dealt with what this says.</summary>
    public void Seen(ProjectionSnapshot? snapshot) => _seen = snapshot;

    /// <summary>Rings if a version has changed its phase, its role or its holder, waits to join, or has something asked of it.</summary>
    public void Compare(ProjectionSnapshot now, IReadOnlySet<VersionId> asked)
    {
        foreach (var version in now.Versions)
        {
            if (IsNews(version) || (version.Lockstep && asked.Contains(version.Id)))
            {
                Ring();
                return;
            }
        }
    }

    /// <summary>Rings if a checkpoint lies beyond all that the source has ever given out: the source was restored.</summary>
    /// <param name="now">What was read before the head was.</param>
    /// <param name="head">The source's head.</param>
    public void Compare(ProjectionSnapshot now, SafeHead head)
    {
        if (now.Versions.Any(version => version.Lockstep && version.Checkpoint > head.Highest))
        {
            Ring();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool IsNews(VersionSnapshot version) =>
        version is { Phase: VersionPhase.Offered, IsLeased: false }
        || _seen?.Find(version.Id.Number) is not { } seen
        || seen.Phase != version.Phase
        || seen.Role != version.Role
        || (version.Lockstep && seen.LeaseEpoch != version.LeaseEpoch);
}
