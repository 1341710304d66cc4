using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;
using Projections.Postgres;

namespace Projections.Operations;

/// <summary>Vouches for a version that was changed after its table was built. Needs a reason.</summary>
[Verb("accept", "Accepts that a version was changed after its table was built: you vouch that its rows are the same, and say why. "
    + "What is compared: the files of its folder with all subfolders, and of the event types that it handles the names, members (by their JSON names, types, defaults and converters), JSON options "
    + "and which old shapes become which. Not compared: the code of upcasters and event classes, and other code outside of the folder.")]
public sealed record AcceptCommand : Command<OperationResult>
{
    /// <summary>The version.</summary>
    [Description("The version."), Range(1, int.MaxValue), JsonRequired]
    public int Version { get; init; }

    private protected override FormattableString Arguments => $"{Version}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new Accept(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Accepts that a version has changed since its table was built, its folder or the event types that it handles: somebody vouches
/// that the rows are the same.</summary>
internal sealed class Accept(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such version, or no reason was given.</exception>
    public Task<OperationResult> RunAsync(AcceptCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, command.Projection, snapshot, command.Version, "accept", _ => true, cancellationToken);
                if (system.Registry.Find(chosen.Id) is not { } definition)
                {
                    throw new OperationRefused($"Cannot accept {chosen.Id}: {system.Registry.WhyMissing(chosen.Id)}", isMistake: true);
                }

                if (command.ActorOf(context) is not { Why: { } why } actor)
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
                    command.Projection.Value,
                    command.Version,
                    definition.Manifest.ToString());
                var audit = actor with { Why = $"accepted {edit}: {why}" };
                await VersionLife.RecordAsync(connection, chosen.Id, chosen.State, chosen.State, audit, cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} is accepted as it is now.{(chosen.Phase == VersionPhase.Failed ? $" Run 'projections resume {command.Projection} --version {command.Version}' to go on with it." : "")}");
            },
            cancellationToken);
}
