using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Replay;
using Projections.Tables;

namespace Projections.Following;

/// <summary>How a version comes into the lockstep, at a common position, and how it leaves.</summary>
internal sealed class LockstepEntry(ProjectionSystem system, LockstepMember member, Actor actor)
{
    /// <summary>The most events that the lockstep folds for a newcomer before it sends it back to catch up on its own:
    /// the others wait meanwhile.</summary>
    private const int MostEvents = 20_000;

    /// <summary>Brings the newcomer to <paramref name="position"/> and enters it, in one transaction.</summary>
    /// <returns>Whether it is in; if not, it goes on catching up on its own.</returns>
    public async Task<bool> CatchUpAndEnterAsync(VersionSnapshot version, EventPosition position, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        if (!await TryCatchUpAsync(position, stop))
        {
            await SendBackAsync(connection, member.Lease, stop);
            return false;
        }

        await using var transaction = await connection.BeginTransactionAsync(stop);
        await member.Fold.WriteAsync(connection, member.Lease.Lost);
        await member.Fold.AdvanceAsync(connection, stop);
        await EnterAsync(connection, version, actor, stop);
        await transaction.CommitAsync(stop);
        member.Fold.Committed();
        return true;
    }

    /// <summary>Enters a version whose checkpoint is the lockstep's; what it catches up with is written already.</summary>
    public static async Task EnterAsync(NpgsqlConnection connection, VersionSnapshot version, Actor actor, CancellationToken cancellationToken)
    {
        if (version.State == VersionState.CatchingUp)
        {
            await ProjectionCatalog.TransitionAsync(connection, version, VersionState.Ready, actor, cancellationToken);
        }

        await connection.ExecuteAsync(
            """
            update projections.version
            set lockstep = true, joinable = false, joined_xid = pg_current_xact_id(), joined_at = null, activity = null,
                ready_at = coalesce(ready_at, clock_timestamp())
            where projection = $1 and number = $2
            """,
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number);
        await ProjectionCatalog.NotifyAsync(connection, version.Id.Projection, cancellationToken);
    }

    /// <summary>Notes that entries are committed, after the fact.</summary>
    public static Task ConfirmAsync(NpgsqlConnection connection, ProjectionName projection, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "update projections.version set joined_at = clock_timestamp() where projection = $1 and lockstep and joined_at is null",
            cancellationToken,
            projection.Value);

    /// <summary>Takes a version out of the lockstep: failed, or to catch up on its own. Its checkpoint stays where it is.</summary>
    public static async Task LeaveAsync(NpgsqlConnection connection, Lease lease, DropOut leaving, Actor actor, CancellationToken cancellationToken)
    {
        var version = await Checkpoints.ProveAsync(connection, lease, cancellationToken);
        var why = actor with { Why = leaving.Reason };
        if (leaving.Fails)
        {
            await ProjectionCatalog.FailAsync(connection, version, leaving.Reason, leaving.Poison?.Position, why, cancellationToken);
        }
        else if (version.State == VersionState.Ready)
        {
            await ProjectionCatalog.TransitionAsync(connection, version, VersionState.CatchingUp, why, cancellationToken);
        }
        else
        {
            await ProjectionCatalog.RecordAsync(connection, version.Id, version.State, version.State, why, cancellationToken);
        }

        await connection.ExecuteAsync(
            "update projections.version set lockstep = false, joinable = false, drop_outs = drop_outs + 1, activity = $3 where projection = $1 and number = $2",
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number,
            leaving.Fails ? null : "dropped out of the lockstep");
        await ProjectionCatalog.NotifyAsync(connection, version.Id.Projection, cancellationToken);
    }

    /// <summary>Takes a version whose handler this code does not have out of the lockstep, for a worker that has it to catch up.</summary>
    public static async Task LeaveToNewerCodeAsync(NpgsqlConnection connection, Lease lease, Actor actor, CancellationToken cancellationToken)
    {
        await LeaveAsync(connection, lease, new DropOut("the worker that took over has no handler for it", null, Fails: false), actor, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.version set lease_holder = null, lease_until = null where projection = $1 and number = $2",
            cancellationToken,
            lease.Version.Projection.Value,
            lease.Version.Number);
    }

    private async Task<bool> TryCatchUpAsync(EventPosition position, CancellationToken stop)
    {
        var events = 0;
        var from = member.Fold.Through;
        await foreach (var batch in system.Source.ReadAsync(from, position, member.Fold.Definition.Filter, stop))
        {
            using (batch)
            {
                events += batch.Count;
                if (events > MostEvents || member.Share.Left <= TimeSpan.Zero)
                {
                    return false;
                }

                var began = system.Time.GetTimestamp();
                await member.Fold.FoldAsync(batch.Memory, batch.Through, member.Lease.Lost);
                member.Share.Charge(system.Time.GetElapsedTime(began), TimeSpan.Zero);
            }
        }

        return true;
    }

    private static Task<int> SendBackAsync(NpgsqlConnection connection, Lease lease, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
            "update projections.version set joinable = false where projection = $1 and number = $2 and lease_epoch = $3",
            cancellationToken,
            lease.Version.Projection.Value,
            lease.Version.Number,
            lease.Epoch);
}
