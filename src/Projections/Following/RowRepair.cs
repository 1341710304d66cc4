using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Definitions;
using Projections.Events;
using Projections.Feeds;
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
    private static readonly HashSet<EventPosition> NoEvents = [];

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
        var feed = fold.OutOfTurn(NoEvents).Feed;
        var (before, after) = await ReplaceAsync(system, connection, scratch, request.Keys, feed, stop);
        await Repairs.EndAsync(connection, request.Id, before, after, null, stop);
        await Checkpoints.ProveAsync(connection, fold.Lease, stop);
        await FeedLog.AddAsync(connection, fold.Definition.Id, feed, stop);
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
    /// <param name="system">The system.</param>
    /// <param name="connection">Where the transaction is open.</param>
    /// <param name="scratch">The rows as they are to be.</param>
    /// <param name="keys">The keys of the rows, a part a column.</param>
    /// <param name="feed">Told what becomes of them; <c>null</c> for nobody.</param>
    /// <param name="stop">Cancels it.</param>
    /// <returns>How many of the rows the table had, and how many it has now.</returns>
    public static async Task<(int Before, int After)> ReplaceAsync(
        ProjectionSystem system, NpgsqlConnection connection, ScratchFold scratch, IReadOnlyList<string[]> keys, FeedCapture? feed, CancellationToken stop)
    {
        var definition = scratch.Definition;
        var key = definition.KeyColumns;
        var target = SqlName.Quote(system.Options.Schema, definition.Id.Table);
        if (feed is not null)
        {
            await TellAsync(connection, definition, target, scratch.Relation, keys, feed, stop);
        }

        var before = await DeleteAsync(connection, target, key, keys, stop);
        var columns = string.Join(", ", definition.Columns!.Select(column => SqlName.Quote(column.Name)));
        var after = await connection.ExecuteAsync($"insert into {target} ({columns}) select {columns} from {scratch.Relation}", stop);
        await connection.ExecuteAsync($"drop table {scratch.Relation}", stop);
        return (before, after);
    }

    /// <summary>Tells what rows are, and what they are to be.</summary>
    private static async Task TellAsync(
        NpgsqlConnection connection, ProjectionVersion definition, string target, string scratch, IReadOnlyList<string[]> keys, FeedCapture feed, CancellationToken stop)
    {
        var rows = definition.Rows!.AsJson(null);
        var columns = string.Join(", ", definition.Columns!.Select(column => $"t.{SqlName.Quote(column.Name)}"));
        var writer = new ChangeWriter(rows);
        var before = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var row in await connection.QueryAsync($"select {columns} from {target} as t join {Chosen(definition.KeyColumns)} on {Matches(definition.KeyColumns)}", rows.Read, stop, Parameters(definition.KeyColumns, keys)))
        {
            before[writer.KeyOf(row)] = row;
        }

        foreach (var row in await connection.QueryAsync($"select {columns} from {scratch} as t", rows.Read, stop))
        {
            before.Remove(writer.KeyOf(row), out var old);
            feed.Add(EventPosition.BeforeFirst, old, row);
        }

        foreach (var row in before.Values)
        {
            feed.Add(EventPosition.BeforeFirst, row, null);
        }
    }

    private static async Task<int> DeleteAsync(
        NpgsqlConnection connection, string target, IReadOnlyList<ColumnDefinition> key, IReadOnlyList<string[]> keys, CancellationToken stop) =>
        await connection.ExecuteAsync($"delete from {target} as t using {Chosen(key)} where {Matches(key)}", stop, Parameters(key, keys));

    private static string Chosen(IReadOnlyList<ColumnDefinition> key) =>
        $"unnest({string.Join(", ", key.Select((_, part) => $"${part + 1}::text[]"))}) as k ({string.Join(", ", key.Select((_, part) => $"k{part}"))})";

    private static string Matches(IReadOnlyList<ColumnDefinition> key) =>
        string.Join(" and ", key.Select((column, part) => $"t.{SqlName.Quote(column.Name)} = k.k{part}::{column.Type}"));

    private static object?[] Parameters(IReadOnlyList<ColumnDefinition> key, IReadOnlyList<string[]> keys) =>
        [.. key.Select((_, part) => keys.Select(texts => texts[part]).ToArray())];
}
