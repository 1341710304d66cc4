using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Operations;

/// <summary>Asks for work on a version to stop until it is resumed.</summary>
[Verb("pause", "Stops work on a version, wherever it is done, until it is resumed.")]
public sealed record PauseCommand : VersionCommand
{
    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new Pause(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Stops work on a version until it is resumed. Whoever works on it commits what it has and lets go.</summary>
internal sealed class Pause(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is being worked on.</exception>
    public Task<OperationResult> RunAsync(PauseCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, command.Projection, snapshot, command.Version, "pause", candidate => candidate.State.IsBuild(), cancellationToken);
                if (chosen.Phase == VersionPhase.Paused)
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is paused already.", AlreadyDone: true);
                }

                if (!chosen.Phase.CanBecome(VersionPhase.Paused))
                {
                    throw new OperationRefused($"Cannot pause {chosen.Id}: {(chosen.External ? "another program maintains it" : $"it is {chosen.State.Text()}")}.");
                }

                await VersionLife.MoveAsync(connection, chosen, VersionPhase.Paused, command.ActorOf(context), cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} is paused; 'projections resume {command.Projection}' goes on from its checkpoint.");
            },
            cancellationToken);
}
