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
                var chosen = CatalogCommand.Choose(
                    projection, snapshot, version, "resume", candidate => candidate.State is VersionState.Paused or VersionState.Failed);
                if (chosen.State is not (VersionState.Paused or VersionState.Failed))
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is {chosen.State.Text()}; there is nothing to resume.", AlreadyDone: true);
                }

                var to = BackTo(chosen);
                await ProjectionCatalog.TransitionAsync(connection, chosen, to, context.Actor, cancellationToken);
                await connection.ExecuteAsync(
                    "update projections.version set drop_outs = 0 where projection = $1 and number = $2", cancellationToken, projection.Value, chosen.Id.Number);
                return new OperationResult(chosen.Id, $"{chosen.Id} goes on as {to.Text()} from position {chosen.Checkpoint?.ToString() ?? "start"}.");
            },
            cancellationToken);

    /// <summary>A version that was ready is not any more: events have come in meanwhile.</summary>
    private static VersionState BackTo(VersionSnapshot version) =>
        version.ResumeState is { } state and not VersionState.Ready ? state : VersionState.CatchingUp;
}
