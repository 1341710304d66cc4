using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Accepts that a version has changed since its table was built, its folder or the event types that it handles: somebody vouches
/// that the rows are the same.</summary>
public sealed class Accept(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such version, or no reason was given.</exception>
    public Task<OperationResult> RunAsync(ProjectionName projection, int version, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf("accept", $"{version}"),
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, projection, snapshot, version, "accept", _ => true, cancellationToken);
                if (system.Registry.Find(chosen.Id) is not { } definition)
                {
                    throw new OperationRefused($"Cannot accept {chosen.Id}: {system.Registry.WhyMissing(chosen.Id)}", isMistake: true);
                }

                if (string.IsNullOrWhiteSpace(context.Actor.Why))
                {
                    throw new OperationRefused($"Cannot accept {chosen.Id} without a reason: say with '--why' why its rows are the same.", isMistake: true);
                }

                if (chosen.Manifest is not { } built || definition.Manifest.FindEdit(built) is not { } edit)
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is as it was built; there is nothing to accept.", AlreadyDone: true);
                }

                await connection.ExecuteAsync(
                    "update projections.version set manifest = $3 where projection = $1 and number = $2",
                    cancellationToken,
                    projection.Value,
                    version,
                    definition.Manifest.ToString());
                var audit = context.Actor with { Why = $"accepted {edit}: {context.Actor.Why}" };
                await VersionLife.RecordAsync(connection, chosen.Id, chosen.State, chosen.State, audit, cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} is accepted as it is now.{(chosen.Phase == VersionPhase.Failed ? $" Run 'projections resume {projection} --version {version}' to go on with it." : "")}");
            },
            cancellationToken);
}
