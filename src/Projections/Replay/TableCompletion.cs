using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Replay;

/// <summary>
/// The end of the state <c>replaying</c>: secondary indexes, built at once over all rows instead of kept up row by row, and
/// the planner's statistics. Indexes, statistics and the new state are one transaction.
/// </summary>
internal sealed class TableCompletion(ProjectionSystem system, ProjectionVersion definition, Lease lease, Actor actor)
{
    /// <exception cref="BuildRefused"><c>indexes.sql</c> fails.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await IndexResources.GiveAsync(connection, system.Options.IndexWorkers, cancellationToken);
        await CreateIndexesAsync(connection, cancellationToken);
        await connection.ExecuteLongAsync($"analyze {SqlName.Quote(system.Options.Schema, definition.Id.Table)}", cancellationToken);
        var proved = await Checkpoints.ProveAsync(connection, lease, VersionPhase.Replaying, cancellationToken);
        await VersionLife.MoveAsync(connection, proved, VersionPhase.CatchingUp, actor, cancellationToken);
        await connection.ExecuteAsync(
            "update projections.version set replayed_at = clock_timestamp() where projection = $1 and number = $2",
            cancellationToken,
            definition.Id.Projection.Value,
            definition.Id.Number);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task CreateIndexesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (definition.Files.IndexesSql is not { } sql)
        {
            return;
        }

        try
        {
            await connection.ExecuteLongAsync(sql, cancellationToken);
        }
        catch (PostgresException exception) when (!PassingFault.Is(exception))
        {
            throw new BuildRefused(
                $"{definition.Id} cannot go on: {definition.Files.Folder}/indexes.sql fails: {exception.Words}. The rows are kept; mend the file, accept the change with 'projections accept {definition.Id.Projection} --version {definition.Id.Number}', and run 'projections resume {definition.Id.Projection}'.");
        }
    }
}
