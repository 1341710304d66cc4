using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Events;
using Projections.Postgres;
using Projections.Replay;
using Projections.Verification;

namespace Projections.Following;

/// <summary>
/// Folds rows that somebody asked for anew from their events, up to the version's checkpoint, and puts them in the place of those
/// that the table has: in one transaction that proves the lease. Nothing else moves; the next events are folded on top.
/// </summary>
internal static class RowRepair
{
    /// <summary>Whether anything is asked for.</summary>
    public static async Task<IReadOnlyList<RepairRequest>> FindAsync(ProjectionSystem system, VersionId version, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        return await Repairs.ReadWaitingAsync(connection, version, stop);
    }

    /// <summary>Carries one repair out. To be called when everything that was folded is committed.</summary>
    public static async Task RunAsync(ProjectionSystem system, CheckpointedFold fold, RepairRequest request, CancellationToken stop)
    {
        var fault = await GuestStep.RunAsync(system, fold.Definition.Id, system.Options.GuestLimit, limit => RepairAsync(system, fold, request, limit), stop);
        // What it remembers of these rows is not what the table has now.
        fold.Fold.Forget();
        if (fault is { Passes: false })
        {
            await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
            await Repairs.EndAsync(connection, request.Id, 0, 0, fault.DropOut.Reason, stop);
        }
    }

    private static async Task RepairAsync(ProjectionSystem system, CheckpointedFold fold, RepairRequest request, CancellationToken stop)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(stop);
        await using var transaction = await connection.BeginTransactionAsync(stop);
        using var scratch = await FoldAnewAsync(system, connection, fold, request.Keys, null, stop);
        var (before, after) = await ReplaceAsync(system, connection, scratch, request.Keys, stop);
        await Repairs.EndAsync(connection, request.Id, before, after, null, stop);
        await Checkpoints.ProveAsync(connection, fold.Lease, stop);
        await transaction.CommitAsync(stop);
    }

    /// <summary>
    /// Folds rows anew, in the transaction that is open on <paramref name="connection"/>. No row of the version's table is locked by it: a
    /// handler may never return.
    /// </summary>
    /// <param name="system">The system.</param>
    /// <param name="connection">Where the transaction is open.</param>
    /// <param name="fold">The version; what it has folded is committed.</param>
    /// <param name="keys">The keys of the rows, a part a column.</param>
    /// <param name="onSetAside">Told of each event that cannot be folded and was not set aside before.</param>
    /// <param name="stop">Cancels it.</param>
    /// <param name="watch">Told what events do to the rows.</param>
    /// <exception cref="NotSupportedException">The rows cannot be folded by themselves.</exception>
    public static async Task<ScratchFold> FoldAnewAsync(
        ProjectionSystem system,
        NpgsqlConnection connection,
        CheckpointedFold fold,
        IReadOnlyList<string[]> keys,
        Action<SetAsideEvent>? onSetAside,
        CancellationToken stop,
        IRowWatch? watch = null)
    {
        var definition = fold.Definition;
        var rows = definition.Rows ?? throw new NotSupportedException($"The rows of {definition.Id} cannot be folded one by one.");
        var selection = await rows.SelectAsync(connection, keys, stop);
        var streams = selection.Streams ?? throw new NotSupportedException(
            $"the streams of these rows of {definition.Id} are not known: override StreamOf in {definition.GetType().Name} if each row has all its events in one stream that its key names.");
        var scratch = await ScratchFold.CreateAsync(system, connection, definition, selection, stop, onSetAside, watch);
        try
        {
            await foreach (var batch in system.Source.ReadAsync(EventPosition.BeforeFirst, fold.Checkpoint!.Value, definition.Filter with { Streams = streams }, stop))
            {
                using (batch)
                {
                    await scratch.FoldAsync(batch.Memory, stop);
                }
            }

            await scratch.WriteAsync(stop);
            return scratch;
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    /// <summary>Puts rows that were folded anew in the place of those that the table has. What the version's fold remembers of them is to be forgotten.</summary>
    /// <returns>How many of the rows the table had, and how many it has now.</returns>
    public static async Task<(int Before, int After)> ReplaceAsync(
        ProjectionSystem system, NpgsqlConnection connection, ScratchFold scratch, IReadOnlyList<string[]> keys, CancellationToken stop)
    {
        var definition = scratch.Definition;
        var key = RowKey.ColumnsOf(definition.Columns!);
        var target = SqlName.Quote(system.Options.Schema, definition.Id.Table);
        var before = await DeleteAsync(connection, target, key, keys, stop);
        var columns = string.Join(", ", definition.Columns!.Select(column => SqlName.Quote(column.Name)));
        var after = await connection.ExecuteAsync($"insert into {target} ({columns}) select {columns} from {scratch.Relation}", stop);
        await connection.ExecuteAsync($"drop table {scratch.Relation}", stop);
        return (before, after);
    }

    private static async Task<int> DeleteAsync(
        NpgsqlConnection connection, string target, IReadOnlyList<ColumnDefinition> key, IReadOnlyList<string[]> keys, CancellationToken stop)
    {
        var arrays = string.Join(", ", key.Select((_, part) => $"${part + 1}::text[]"));
        var names = string.Join(", ", key.Select((_, part) => $"k{part}"));
        var matches = string.Join(" and ", key.Select((column, part) => $"t.{SqlName.Quote(column.Name)} = k.k{part}::{column.Type}"));
        return await connection.ExecuteAsync(
            $"delete from {target} as t using unnest({arrays}) as k ({names}) where {matches}",
            stop,
            [.. key.Select((_, part) => keys.Select(texts => texts[part]).ToArray())]);
    }
}
