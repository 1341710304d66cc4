using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Catalog.Reactions;
using Projections.Commands;
using Projections.Definitions;
using Projections.LateEvents;
using Projections.Postgres;
using Projections.Switching;

namespace Projections.Operations;

/// <summary>
/// Drops a version's table. In two steps, because whoever writes the version must have let go before: the version is marked
/// retired, and once its lease is free or has run out, the table goes in a transaction that fences off late writers.
/// </summary>
internal sealed class TableRemoval(ProjectionSystem system)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <exception cref="OperationRefused">Other objects depend on the table.</exception>
    public async Task RunAsync(VersionId id, CancellationToken cancellationToken)
    {
        // Once it is dropped, it is found to be: a commit that was not heard of is asked for again.
        while (!await PassingFault.OutlastAsync(() => TryDropAsync(id, cancellationToken), system.Time, cancellationToken))
        {
            await Task.Delay(Look, system.Time, cancellationToken);
        }
    }

    /// <exception cref="OperationRefused">Views, functions or foreign keys stand on the table.</exception>
    public async Task RefuseDependantsAsync(NpgsqlConnection connection, VersionId id, string verb, CancellationToken cancellationToken)
    {
        var table = await ReadName.ReadAsync(connection, system.Options.Schema, id.Table, cancellationToken);
        var dependants = table is null ? [] : await Dependants.OfAsync(connection, table.Oid, cancellationToken);
        if (dependants.Count > 0)
        {
            throw new OperationRefused($"Cannot {verb} {id}: {string.Join(", ", dependants)} depend{(dependants.Count == 1 ? "s" : "")} on its table {id.Table}. Drop or change {(dependants.Count == 1 ? "it" : "them")} first.");
        }
    }

    private async Task<bool> TryDropAsync(VersionId id, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync("set local lock_timeout = '2s'", cancellationToken);
        var version = await ProjectionCatalog.LockAsync(connection, id, cancellationToken);
        if (version is not { Phase: VersionPhase.Retired, HasTable: true })
        {
            return true;
        }

        if (version.IsLeased || version.Shards.Any(shard => shard.IsLeased))
        {
            return false;
        }

        try
        {
            await DropAsync(connection, id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return true;
        }
        catch (PostgresException exception) when (exception.IsAboutLocks)
        {
            return false;
        }
    }

    private async Task DropAsync(NpgsqlConnection connection, VersionId id, CancellationToken cancellationToken)
    {
        var sql = system.Registry.Find(id)?.Files.DownSql ?? $"drop table {SqlName.Quote(system.Options.Schema, id.Table)}";
        try
        {
            await connection.ExecuteAsync(sql, cancellationToken);
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            throw new OperationRefused($"The table of {id} could not be dropped: {exception.MessageText}{(exception.Detail is { } detail ? $" ({detail})" : "")}. Mend it and run 'projections retire {id.Projection} --version {id.Number}' again.");
        }

        await ForgetAsync(connection, id, cancellationToken);
    }

    /// <summary>What to do with a live version that is not wanted any more.</summary>
    public static string WayOutOfLive(VersionSnapshot live) => live.Phase is VersionPhase.Failed or VersionPhase.Paused
        ? $"Switch to another version first, or build it anew with 'projections rebuild {live.Id.Projection} --to {live.Id.Number} --anew'."
        : "Switch to another version first.";

    /// <summary>Forgets what the catalog knows of a table that is the version's no more.</summary>
    public static async Task ForgetAsync(NpgsqlConnection connection, VersionId id, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            """
            update projections.version
            set has_table = false, manifest = null, position_major = null, position_minor = null, lease_epoch = lease_epoch + 1,
                activity = null, events_done = 0, events_total = null, progress_events = 0,
                last_event_major = null, last_event_minor = null, last_event_hash = null,
                seeded_from = null, seed_agrees = null, seed_finding = null
            where projection = $1 and number = $2
            """,
            cancellationToken,
            id.Projection.Value,
            id.Number);
        await connection.ExecuteAsync(
            "delete from projections.dead_letter where projection = $1 and number = $2", cancellationToken, id.Projection.Value, id.Number);
        await connection.ExecuteAsync(
            "delete from projections.set_aside where projection = $1 and number = $2", cancellationToken, id.Projection.Value, id.Number);
        await connection.ExecuteAsync(
            "delete from projections.reader_right where projection = $1 and number = $2", cancellationToken, id.Projection.Value, id.Number);
        await Shards.RemoveAsync(connection, id, cancellationToken);
        await ReactionHandover.ForgetAsync(connection, id, cancellationToken);
        await FeedSwitches.ForgetAsync(connection, id, cancellationToken);
        await LateEventList.ForgetAsync(connection, id, cancellationToken);
    }
}
