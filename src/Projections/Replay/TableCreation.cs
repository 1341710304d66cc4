using Npgsql;
using Projections.Catalog;
using Projections.Definitions;
using Projections.Postgres;
using Projections.Tables;

namespace Projections.Replay;

/// <summary>The state <c>building</c>: the version's table comes into being, in the transaction that records it as ours.</summary>
internal sealed class TableCreation(ProjectionSystem system, ProjectionVersion definition, Lease lease, Actor actor)
{
    /// <exception cref="BuildRefused">There is a table of that name already, or the version's files do not fit its row type.</exception>
    public async Task<VersionSnapshot> RunAsync(VersionSnapshot version, CancellationToken cancellationToken)
    {
        await using var connection = await system.ReadModels.OpenConnectionAsync(cancellationToken);
        if (version.Phase == VersionPhase.Planned)
        {
            await EnterBuildingAsync(connection, cancellationToken);
        }

        await RefuseUnfitFilesAsync(connection, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RefuseForeignTableAsync(connection, cancellationToken);
        await connection.ExecuteAsync(definition.Files.TableSql, cancellationToken);
        var proved = await Checkpoints.ProveAsync(connection, lease, VersionPhase.Building, cancellationToken);
        await connection.ExecuteAsync(
            """
            update projections.version set has_table = true, manifest = $3, started_at = clock_timestamp()
            where projection = $1 and number = $2
            """,
            cancellationToken,
            version.Id.Projection.Value,
            version.Id.Number,
            definition.Manifest.ToString());
        await VersionLife.MoveAsync(connection, proved, VersionPhase.Replaying, actor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await Checkpoints.ProveAsync(connection, lease, cancellationToken);
    }

    private async Task EnterBuildingAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var proved = await Checkpoints.ProveAsync(connection, lease, VersionPhase.Planned, cancellationToken);
        await VersionLife.MoveAsync(connection, proved, VersionPhase.Building, actor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task RefuseForeignTableAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var table = SqlName.Quote(system.Options.Schema, definition.Id.Table);
        if (await connection.ScalarAsync<bool>("select to_regclass($1) is not null", cancellationToken, table))
        {
            throw new BuildRefused(
                $"{definition.Id} cannot be built: there is already a {table} that this service did not create. Drop or rename it, then run 'projections resume {definition.Id.Projection}'.");
        }
    }

    private async Task RefuseUnfitFilesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var errors = await TableContract.FindErrorsAsync(connection, [definition], cancellationToken);
        if (errors.Count > 0)
        {
            throw new BuildRefused($"{definition.Id} cannot be built. {string.Join(" ", errors)} Then run 'projections resume {definition.Id.Projection}'.");
        }
    }
}
