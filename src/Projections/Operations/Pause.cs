using Projections.Catalog;
using Projections.Definitions;

namespace Projections.Operations;

/// <summary>Stops work on a version until it is resumed. Whoever works on it commits what it has and lets go.</summary>
public sealed class Pause(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is being worked on.</exception>
    public Task<OperationResult> RunAsync(ProjectionName projection, int? version, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            "pause",
            context,
            async (connection, snapshot) =>
            {
                var chosen = CatalogCommand.Choose(projection, snapshot, version, "pause", candidate => candidate.State.IsBuild());
                if (chosen.State == VersionState.Paused)
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is paused already.", AlreadyDone: true);
                }

                if (!chosen.State.CanBecome(VersionState.Paused))
                {
                    throw new OperationRefused($"Cannot pause {chosen.Id}: it is {chosen.State.Text()}.");
                }

                await ProjectionCatalog.TransitionAsync(connection, chosen, VersionState.Paused, context.Actor, cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} is paused; 'projections resume {projection}' goes on from its checkpoint.");
            },
            cancellationToken);
}
