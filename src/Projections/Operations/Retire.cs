using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Operations;

/// <summary>Drops the table of a version that nobody needs any more; after that there is no rollback to it.</summary>
public sealed class Retire(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">The version is live, or other objects use its table.</exception>
    public async Task<OperationResult> RunAsync(ProjectionName projection, int version, CommandContext context, CancellationToken cancellationToken)
    {
        var removal = new TableRemoval(system);
        var result = await CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf("retire", $"{version}"),
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, projection, snapshot, version, "retire", _ => true, cancellationToken);
                if (chosen.Phase == VersionPhase.Retired)
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is retired.", AlreadyDone: true);
                }

                if (chosen.Role == VersionRole.Live)
                {
                    throw new OperationRefused($"Cannot retire {chosen.Id}: the read name '{projection}' points to it. {TableRemoval.WayOutOfLive(chosen)}");
                }

                if (chosen.State.IsBuild())
                {
                    throw new OperationRefused($"Cannot retire {chosen.Id}: it is {chosen.State.Text()}. Run 'projections abort {projection} --version {version}' to give it up.");
                }

                await removal.RefuseDependantsAsync(connection, chosen.Id, "retire", cancellationToken);
                await VersionLife.MoveAsync(connection, chosen, VersionPhase.Retired, context.Actor, cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} is retired and its table dropped; there is no rollback to it any more.");
            },
            cancellationToken);
        await removal.RunAsync(new VersionId(projection, version), cancellationToken);
        return result;
    }
}
