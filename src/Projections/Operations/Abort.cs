using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Operations;

/// <summary>Asks for a version that was never live to be given up.</summary>
[Verb("abort", "Gives up a version that was never live, and drops its table. Waits until whoever works on it has let go.")]
public sealed record AbortCommand : VersionCommand
{
    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new Abort(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Gives up a version that is being built, or has failed or paused before it was ever live, and drops its table.</summary>
internal sealed class Abort(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">No such version is being built.</exception>
    public async Task<OperationResult> RunAsync(AbortCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var removal = new TableRemoval(system);
        var result = await CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, command.Projection, snapshot, command.Version, "abort", MayBeMeant, cancellationToken);
                if (chosen.Phase == VersionPhase.Retired)
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is gone already.", AlreadyDone: true);
                }

                if (!CanBeAborted(chosen))
                {
                    throw new OperationRefused($"Cannot abort {chosen.Id}: it is {chosen.State.Text()}. {(chosen.Role == VersionRole.Live ? TableRemoval.WayOutOfLive(chosen) : $"Use 'projections retire {command.Projection} --version {chosen.Id.Number}'.")}");
                }

                if (chosen.HasTable)
                {
                    await removal.RefuseDependantsAsync(connection, chosen.Id, "abort", cancellationToken);
                }

                await VersionLife.MoveAsync(connection, chosen, VersionPhase.Retired, command.ActorOf(context), cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} was aborted and its table dropped.");
            },
            cancellationToken);
        await removal.RunAsync(result.Version, cancellationToken);
        return result;
    }

    private static bool CanBeAborted(VersionSnapshot version) => version is { Role: VersionRole.Candidate, Phase: not VersionPhase.Retired };

    // The first delivery may have ended before the table was gone.
    private static bool MayBeMeant(VersionSnapshot version) => CanBeAborted(version) || version is { Phase: VersionPhase.Retired, HasTable: true };
}
