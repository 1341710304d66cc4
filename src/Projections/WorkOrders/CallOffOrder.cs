using System.Globalization;
using System.Text.Json.Serialization;
using Projections.Commands;

namespace Projections.WorkOrders;

/// <summary>Asks for a work order to be called off.</summary>
[Verb("cancel", "Calls an order off: nothing comes of it.")]
public sealed record CallOffOrderCommand : Command<OperationResult>
{
    /// <summary>The order: the id of the command that gave it.</summary>
    [JsonIgnore]
    public Guid Order { get; init; }

    private protected override FormattableString Arguments => $"{Order}";

    internal override Task<OperationResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new CallOffOrder(system).RunAsync(this, context, cancellationToken);
}

/// <summary>Calls a work order off: nothing comes of it, whether it waits or a worker is at it.</summary>
internal sealed class CallOffOrder(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such order.</exception>
    public Task<OperationResult> RunAsync(CallOffOrderCommand command, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            command,
            context,
            async (connection, _) =>
            {
                var found = await WorkOrderStore.FindAsync(connection, command.Projection, command.Order, cancellationToken)
                    ?? throw new OperationRefused(
                        string.Create(CultureInfo.InvariantCulture, $"There is no work order {command.Order} of '{command.Projection}'. Orders are kept for {WorkOrderStore.Kept.TotalDays:0} days after they have ended."), isMistake: true);
                if (found.EndedAt is not null)
                {
                    return new OperationResult(found.Version, $"The order to {found.Work.Verb} {found.Version} has ended already: {found.Outcome ?? found.Failure}", AlreadyDone: true);
                }

                var actor = command.ActorOf(context);
                var why = actor.Why is { } reason ? $": {reason}" : "";
                await WorkOrderStore.EndAsync(connection, found, null, $"It was called off by {actor.Who}{why}.", cancellationToken);
                return new OperationResult(found.Version, $"The order to {found.Work.Verb} {found.Version}, given by {found.Actor.Who}, is called off.");
            },
            cancellationToken);
}
