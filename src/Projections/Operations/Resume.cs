using Projections.Catalog;
using Projections.Definitions;
using Projections.Tables;

namespace Projections.Operations;

/// <summary>Lets work go on, from the checkpoint, on a version that was paused or has failed.</summary>
public sealed class Resume(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is paused or failed.</exception>
    public Task<OperationResult> RunAsync(ProjectionName projection, int? version, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            "resume",
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(
                    connection, projection, snapshot, version, "resume", candidate => candidate.Phase is VersionPhase.Paused or VersionPhase.Failed, cancellationToken);
                if (chosen.Phase is not (VersionPhase.Paused or VersionPhase.Failed))
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is {chosen.State.Text()}; there is nothing to resume.", AlreadyDone: true);
                }

                await VersionLife.MoveAsync(connection, chosen, chosen.ResumePhase, context.Actor, cancellationToken);
                await connection.ExecuteAsync(
                    "update projections.version set drop_outs = 0 where projection = $1 and number = $2", cancellationToken, projection.Value, chosen.Id.Number);
                return new OperationResult(chosen.Id, $"{chosen.Id} goes on as {chosen.ResumePhase.Text()} from position {chosen.Checkpoint?.ToString() ?? "start"}.");
            },
            cancellationToken);
}
