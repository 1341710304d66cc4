using Npgsql;
using Projections.Catalog;
using Projections.Catalog.Feeds;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Switching;
using Projections.Switching.Access;

namespace Projections.Operations;

/// <summary>Asks for a kept contract to end.</summary>
[Verb("contract", "Lets a read name that was switched with its contract kept show all columns of the live version.")]
public sealed record WidenContractCommand : Command<OperationResult>
{
    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new WidenContract(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Lets a read name that was switched with its contract kept show all columns of the live version.</summary>
internal sealed class WidenContract(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">Nothing is live, or the lock could not be had in time.</exception>
    public async Task<OperationResult> RunAsync(WidenContractCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await CatalogCommand.RunAsync(
                system, command, context, (connection, snapshot) => WidenAsync(connection, snapshot, command.Projection, cancellationToken), cancellationToken);
        }
        catch (PostgresException exception) when (exception.IsAboutLocks)
        {
            throw new OperationRefused($"Cannot widen '{command.Projection}': a long transaction reads it, and readers are not made to queue behind us. Try again when it has ended.");
        }
    }

    private async Task<OperationResult> WidenAsync(
        NpgsqlConnection connection, ProjectionSnapshot? snapshot, ProjectionName projection, CancellationToken cancellationToken)
    {
        if (snapshot?.Live is not { } live)
        {
            throw new OperationRefused($"Cannot widen '{projection}': no version of it is live.");
        }

        await connection.ExecuteAsync("set local lock_timeout = '200ms'", cancellationToken);
        var view = await ReadName.ReadAsync(connection, system.Options.Schema, projection.Value, cancellationToken);
        var table = await ReadName.ReadAsync(connection, system.Options.Schema, live.Id.Table, cancellationToken);
        var change = ReadNameChange.From(view?.Columns, table!.Columns, contract: null);
        if (change.Gained.Count == 0)
        {
            return new OperationResult(live.Id, $"'{projection}' shows all columns of {live.Id} already.", AlreadyDone: true);
        }

        if (view is not null && table is not null)
        {
            await new ReaderRights(connection, system.Options.Schema).PassOnAsync(view, table, live.Id, change.Columns, cancellationToken);
        }

        await new ReadView(system.Options.Schema, projection.Value).PointAsync(connection, view, change, live.Id.Table, live.External, cancellationToken);
        await connection.ExecuteAsync("update projections.projection set contract = null where name = $1", cancellationToken, projection.Value);
        await MarkInFeedAsync(connection, live, change, cancellationToken);
        return new OperationResult(live.Id, $"'{projection}' shows {string.Join(", ", change.Gained)} as well.");
    }

    private async Task MarkInFeedAsync(NpgsqlConnection connection, VersionSnapshot live, ReadNameChange change, CancellationToken cancellationToken)
    {
        if (await FeedState.ReadAsync(connection, live.Id.Projection, cancellationToken) is not { IsOn: true })
        {
            return;
        }

        await FoldFence.RaiseAsync(connection, live.Id.Projection, cancellationToken);
        var position = (await ProjectionCatalog.LockAsync(connection, live.Id, cancellationToken))!.Checkpoint!.Value;
        var mark = change.InFeed(live.Id, system.Registry.Find(live.Id), position) with { From = live.Id.Number };
        await FeedSwitches.MarkAsync(connection, live.Id, position, mark, cancellationToken);
    }
}
