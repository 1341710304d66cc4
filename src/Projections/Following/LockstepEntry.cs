using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Replay;

namespace Projections.Following;

/// <summary>How a version comes into the lockstep, at a common position, and how it leaves.</summary>
internal sealed class LockstepEntry(ProjectionSystem system, LeaseKeeper keeper, Actor actor)
{
    /// <summary>The most events that the lockstep folds for a newcomer before it sends it back to catch up on its own:
    /// the others wait meanwhile.</summary>
    private const int MostEvents = 20_000;

    private const int MostPatience = 5;

    /// <summary>Brings a version that is offered to <paramref name="position"/> and enters it, in one transaction and within one step.</summary>
    /// <returns>The new member; <c>null</c> when it did not come in: it has failed, goes on catching up on its own, or is somebody else's.</returns>
    public async Task<LockstepMember?> TakeInAsync(VersionSnapshot offered, EventPosition position, CancellationToken stop)
    {
        if (await keeper.TryTakeAsync(offered, stop) is not { } lease)
        {
            return null;
        }

        LockstepMember? newcomer = null;
        var isIn = false;
        try
        {
            newcomer = new LockstepMember(system, lease, await OpenCapturesAsync(lease, stop));
            var fault = await GuestStep.RunAsync(system, offered.Id, LimitOf(offered), limit => EnterAsync(newcomer, position, limit), stop);
            if (fault is not null)
            {
                newcomer.Abandon(fault.StillRunning);
                await TurnAwayAsync(lease, fault.DropOut);
            }

            isIn = fault is null;
            return isIn ? newcomer : null;
        }
        catch (Exception exception) when (exception is LeaseLost or VersionStopped)
        {
            // Somebody else has it, or stopped it; the others have nothing to do with that.
            return null;
        }
        finally
        {
            if (!isIn)
            {
                await (newcomer?.DisposeAsync() ?? lease.DisposeAsync());
            }
        }
    }

    /// <summary>Enters a version whose checkpoint is the lockstep's; what it catches up with is written already.</summary>
    public static async Task EnterAsync(NpgsqlConnection connection, VersionSnapshot locked, Actor actor, CancellationToken cancellationToken)
    {
        await VersionLife.MoveAsync(connection, locked, VersionPhase.Following, actor, cancellationToken);
        await connection.ExecuteAsync(
            """
            update projections.version
            set joined_xid = pg_current_xact_id(), joined_at = null, ready_at = coalesce(ready_at, clock_timestamp())
            where projection = $1 and number = $2
            """,
            cancellationToken,
            locked.Id.Projection.Value,
            locked.Id.Number);
        await ProjectionCatalog.NotifyAsync(connection, locked.Id.Projection, cancellationToken);
    }

    /// <summary>Notes that entries are committed, after the fact.</summary>
    public static Task ConfirmAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "update projections.version set joined_at = clock_timestamp() where projection = $1 and phase = 'following' and joined_at is null",
            cancellationToken,
            projection.Value);

    /// <summary>Takes a version out of the lockstep, or refuses its entry: failed, or to catch up on its own. Its checkpoint stays where it is.</summary>
    public static async Task LeaveAsync(NpgsqlConnection connection, Lease lease, DropOut leaving, Actor actor, CancellationToken cancellationToken)
    {
        var version = await Checkpoints.ProveAsync(connection, lease, cancellationToken);
        if (version.Phase.IsStopped())
        {
            // By somebody who was quicker; there it stays.
            return;
        }

        if (leaving.Fails)
        {
            await VersionLife.FailAsync(connection, version, leaving.Reason, leaving.Poison?.Position, actor, cancellationToken);
        }
        else
        {
            await VersionLife.MoveAsync(connection, version, VersionPhase.CatchingUp, actor with { Why = leaving.Reason }, cancellationToken);
        }

        await connection.ExecuteAsync(
            "update projections.version set drop_outs = drop_outs + 1, activity = $3 where projection = $1 and number = $2",
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number,
            leaving.Fails ? null : "dropped out of the lockstep");
        await ProjectionCatalog.NotifyAsync(connection, version.Id.Projection, cancellationToken);
    }

    /// <summary>Takes a version out of the lockstep that this worker, whose lease is new, cannot follow.</summary>
    public static async Task LetGoAsync(NpgsqlConnection connection, Lease lease, DropOut leaving, Actor actor, CancellationToken cancellationToken)
    {
        await LeaveAsync(connection, lease, leaving, actor, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.version set lease_holder = null, lease_until = clock_timestamp() where projection = $1 and number = $2",
            cancellationToken,
            lease.Version.Projection.Value,
            lease.Version.Number);
    }

    /// <summary>Longer with each try, within bounds, so that one comes in on a slow machine, too.</summary>
    private TimeSpan LimitOf(VersionSnapshot offered) => system.Options.GuestLimit * Math.Min(1 + offered.DropOuts, MostPatience);

    private async Task EnterAsync(LockstepMember newcomer, EventPosition position, CancellationToken limit)
    {
        ManifestCheck.ThrowIfEdited(newcomer.Fold.Definition, newcomer.Lease.Taken);
        await CatchUpAsync(newcomer, position, limit);
        await using var connection = await system.ReadModels.OpenConnectionAsync(limit);
        await using var transaction = await connection.BeginTransactionAsync(limit);
        await newcomer.Fold.WriteAsync(connection, limit);
        await newcomer.Fold.AdvanceAsync(connection, limit);
        await newcomer.Fold.WriteCapturedAsync(connection, limit);
        await EnterAsync(connection, await Checkpoints.ProveAsync(connection, newcomer.Lease, VersionPhase.Offered, limit), actor, limit);
        await transaction.CommitAsync(limit);
        newcomer.Fold.Committed();
    }

    private async Task<FoldCaptures> OpenCapturesAsync(Lease lease, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await FoldCaptures.OpenAsync(connection, system, system.Registry.Find(lease.Version)!, lease.Taken.Role, inLockstep: true, stop);
    }

    private async Task CatchUpAsync(LockstepMember newcomer, EventPosition position, CancellationToken limit)
    {
        var events = 0;
        await foreach (var batch in system.Source.ReadAsync(newcomer.Fold.Through, position, newcomer.Fold.Definition.Filter, limit))
        {
            using (batch)
            {
                events += batch.Count;
                if (events > MostEvents)
                {
                    throw new TimeoutException($"more than {MostEvents} events have come in since {newcomer.Id} had caught up.");
                }

                await newcomer.Fold.FoldAsync(batch.Memory, batch.Through, limit);
            }
        }
    }

    private async Task TurnAwayAsync(Lease lease, DropOut dropOut)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await LeaveAsync(connection, lease, dropOut, actor, CancellationToken.None);
        await transaction.CommitAsync();
    }
}
