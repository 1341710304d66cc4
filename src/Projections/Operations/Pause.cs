using Projections.Catalog;
using Projections.Commands;
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
            context.IdentityOf("pause", $"{version}"),
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, projection, snapshot, version, "pause", candidate => candidate.State.IsBuild(), cancellationToken);
                if (chosen.Phase == VersionPhase.Paused)
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is paused already.", AlreadyDone: true);
                }

                if (!chosen.Phase.CanBecome(VersionPhase.Paused))
                {
                    throw new OperationRefused($"Cannot pause {chosen.Id}: {(chosen.External ? "another program maintains it" : $"it is {chosen.State.Text()}")}.");
                }

                await VersionLife.MoveAsync(connection, chosen, VersionPhase.Paused, context.Actor, cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} is paused; 'projections resume {projection}' goes on from its checkpoint.");
            },
            cancellationToken);
}
