using Projections.Catalog;
using Projections.Definitions;
using Projections.Replay;

namespace Projections.Following;

/// <summary>One version in a lockstep: its fold, its lease, and why it has to leave, if it has to.</summary>
internal sealed class LockstepMember(CheckpointedFold fold, VersionState state, TimeShare share) : IAsyncDisposable
{
    private Task? _abandoned;

    public VersionId Id => Fold.Definition.Id;

    public CheckpointedFold Fold { get; } = fold;

    public Lease Lease => Fold.Lease;

    /// <summary>Its state when last looked at.</summary>
    public VersionState State { get; set; } = state;

    public TimeShare Share { get; } = share;

    /// <summary>Why it leaves the lockstep with the next commit; <c>null</c> while it stays.</summary>
    public DropOut? Leaving { get; set; }

    public static LockstepMember Open(ProjectionSystem system, VersionSnapshot version, Lease lease)
    {
        var definition = system.Registry.Find(version.Id)!;
        var fold = new CheckpointedFold(system, definition, lease, version, () => system.Options.FollowingRowBytes(system.Registry.Versions.Count));
        var state = version.State == VersionState.CatchingUp ? VersionState.Ready : version.State;
        return new LockstepMember(fold, state, new TimeShare(system.Options.CandidateShare, system.Time));
    }

    /// <summary>Stops waiting for a handler that is still running; its fold is not touched until it has ended.</summary>
    public void Abandon(Task running) => _abandoned = running;

    public async ValueTask DisposeAsync()
    {
        await Lease.DisposeAsync();
        if (_abandoned is null)
        {
            Fold.Dispose();
            return;
        }

        // A handler that never returns keeps its thread; there is no way to end one. The lockstep does not wait for it.
        _ = _abandoned.ContinueWith(_ => Fold.Dispose(), TaskScheduler.Default);
    }
}
