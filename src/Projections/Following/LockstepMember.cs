using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Replay;

namespace Projections.Following;

/// <summary>One version in a lockstep: its fold, its lease, and why it has to leave, if it has to.</summary>
internal sealed class LockstepMember : IAsyncDisposable
{
    private readonly ProjectionSystem _system;
    private Task? _abandoned;

    /// <summary>Has the lease from here on.</summary>
    /// <param name="system">The system.</param>
    /// <param name="lease">The version's lease.</param>
    /// <param name="captures">What is kept of what happens to its rows.</param>
    public LockstepMember(ProjectionSystem system, Lease lease, FoldCaptures captures)
    {
        _system = system;
        Role = lease.Taken.Role;
        Share = new TimeShare(system.Options.CandidateShare, system.Time);
        Fold = OpenFold(system, system.Registry.Find(lease.Version)!, lease, lease.Taken.Checkpoint, captures);
    }

    public VersionId Id => Fold.Definition.Id;

    public CheckpointedFold Fold { get; }

    public Lease Lease => Fold.Lease;

    /// <summary>Its role when last looked at.</summary>
    public VersionRole Role { get; set; }

    public TimeShare Share { get; }

    /// <summary>Why it leaves the lockstep with the next commit; <c>null</c> while it stays.</summary>
    public DropOut? Leaving { get; set; }

    /// <summary>Whether reactions or a feed were started or stopped since it was opened.</summary>
    public bool HasOtherCaptures(VersionSnapshot now) => now.Reactions != Lease.Taken.Reactions;

    /// <summary>A second fold of the same version, from what is committed, for a step that may have to be abandoned.</summary>
    /// <param name="reactsTo">The events that have had no messages yet.</param>
    public CheckpointedFold OpenGuestFold(IReadOnlySet<EventPosition> reactsTo) =>
        OpenFold(_system, Fold.Definition, Lease, Fold.Checkpoint, Fold.OutOfTurn(reactsTo));

    /// <summary>Stops waiting for a handler that is still running; its fold is not touched until it has ended.</summary>
    public void Abandon(Task? running) => _abandoned = running;

    public async ValueTask DisposeAsync()
    {
        await Lease.DisposeAsync();
        Fold.DisposeAfter(_abandoned);
    }

    private static CheckpointedFold OpenFold(ProjectionSystem system, ProjectionVersion definition, Lease lease, EventPosition? checkpoint, FoldCaptures captures) =>
        new(system, definition, lease, checkpoint, () => system.Options.FollowingRowBytes(system.Registry.Versions.Count * system.Process.Databases), captures: captures);
}
