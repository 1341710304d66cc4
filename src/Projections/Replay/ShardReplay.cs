using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;

namespace Projections.Replay;

/// <summary>One worker's work on one shard of a version: folds the history of its streams up to where the shard ends. A worker that takes over goes on at the shard's checkpoint.</summary>
/// <remarks>
/// What turns up late meanwhile is mended once the shards are one, before anything behind their end is folded. Nothing up to there follows it: its number was found missing after the end was
/// the head, and what follows it was appended, and numbered, later than that.
/// </remarks>
/// <param name="system">The system.</param>
/// <param name="definition">The version.</param>
/// <param name="lease">The shard's lease, held by the worker.</param>
internal sealed class ShardReplay(ProjectionSystem system, ProjectionVersion definition, Lease lease)
{
    /// <summary>A process that has only begun to look at the source may not have seen the head yet at which the shard ends.</summary>
    private static readonly TimeSpan BetweenHeads = TimeSpan.FromMilliseconds(100);

    /// <summary>Works until the shard is done, the version is paused or aborted, or <paramref name="stop"/> is cancelled. What was folded by then is committed.</summary>
    /// <exception cref="LeaseLost">Another worker has taken over, or the shard was cut in two; nothing was written after that.</exception>
    /// <exception cref="PoisonEvent">An event cannot be decoded or folded.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        var shard = lease.Shard!;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, lease.StopAsked, lease.Lost);
        using var expected = system.Passes.Expect();
        using var memory = system.ReplayMemory.Enter();
        using var fold = await OpenFoldAsync(shard);
        await using var history = new HistoryFold(system, fold, new RebuildHold(system, definition.Id, TellActivityAsync));
        await SourceHistory.ProveAsync(system, definition.Id, shard.Last, stopping.Token);
        while (fold.Through < shard.End && !stopping.IsCancellationRequested)
        {
            var head = await HeadAsync(fold, stopping.Token);
            if (head <= fold.Through)
            {
                await Task.Delay(BetweenHeads, system.Time, stopping.Token);
                continue;
            }

            await history.AdvanceAsync(system.Source.History, EventPosition.Min(head, shard.End), expected, stopping.Token);
        }
    }

    // The version came back to be replayed after an event at which it had stopped.
    private async Task<CheckpointedFold> OpenFoldAsync(ShardSnapshot shard)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(lease.Lost);
        var toSetAside = await SetAsideDecisions.ReadAsync(connection, definition.Id, lease.Lost);
        var captures = await FoldCaptures.OpenAsync(connection, system, definition, lease.Taken.Role, inLockstep: false, lease.Lost);
        return new CheckpointedFold(
            system, definition, lease, shard.Checkpoint, () => system.ReplayMemory.Share, system.Options.ReplayPartitions, toSetAside, captures);
    }

    private async Task<EventPosition> HeadAsync(CheckpointedFold fold, CancellationToken stop)
    {
        var head = await system.Source.GetSafeHeadAsync(stop);
        SourceRestored.ThrowIfBehind(definition.Id, head, fold.Checkpoint);
        return head.Position;
    }

    private async Task TellActivityAsync(string? activity, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await Shards.DescribeAsync(connection, lease, activity, cancellationToken);
    }
}
