using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Projections.Catalog;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Operations;

/// <summary>Asks for a version that nobody needs to be dropped.</summary>
[Verb("retire", "Drops the table of a version that is not live; there is no rollback to it after that.")]
public sealed record RetireCommand : Command<OperationResult>
{
    /// <summary>The version.</summary>
    [Description("The version."), Range(1, int.MaxValue), JsonRequired]
    public int Version { get; init; }

    private protected override FormattableString Arguments => $"{Version}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new Retire(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Drops the table of a version that nobody needs any more; after that there is no rollback to it.</summary>
internal sealed class Retire(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">The version is live, or other objects use its table.</exception>
    public async Task<OperationResult> RunAsync(RetireCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var removal = new TableRemoval(system);
        var result = await CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, snapshot) =>
            {
                var chosen = await CatalogCommand.LockAsync(connection, command.Projection, snapshot, command.Version, "retire", _ => true, cancellationToken);
                if (chosen.Phase == VersionPhase.Retired)
                {
                    return new OperationResult(chosen.Id, $"{chosen.Id} is retired.", AlreadyDone: true);
                }

                if (chosen.Role == VersionRole.Live)
                {
                    throw new OperationRefused($"Cannot retire {chosen.Id}: the read name '{command.Projection}' points to it. {TableRemoval.WayOutOfLive(chosen)}");
                }

                if (chosen.State.IsBuild())
                {
                    throw new OperationRefused($"Cannot retire {chosen.Id}: it is {chosen.State.Text()}. Run 'projections abort {command.Projection} --version {command.Version}' to give it up.");
                }

                await removal.RefuseDependantsAsync(connection, chosen.Id, "retire", cancellationToken);
                await VersionLife.MoveAsync(connection, chosen, VersionPhase.Retired, command.ActorOf(context), cancellationToken);
                return new OperationResult(chosen.Id, $"{chosen.Id} is retired and its table dropped; there is no rollback to it any more.");
            },
            cancellationToken);
        await removal.RunAsync(result.Version, cancellationToken);
        return result;
    }
}
