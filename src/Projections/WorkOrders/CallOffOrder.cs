using System.Globalization;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.WorkOrders;

/// <summary>Calls a work order off: nothing comes of it, whether it waits or a worker is at it.</summary>
public sealed class CallOffOrder(ProjectionSystem system)
{
    /// <exception cref="OperationRefused">There is no such order.</exception>
    public Task<OperationResult> RunAsync(ProjectionName projection, Guid order, CommandContext context, CancellationToken cancellationToken) =>
        CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf("cancel", $"{order}"),
            context,
            async (connection, _) =>
            {
                var found = await WorkOrderStore.FindAsync(connection, projection, order, cancellationToken)
                    ?? throw new OperationRefused(
                        string.Create(CultureInfo.InvariantCulture, $"There is no work order {order} of '{projection}'. Orders are kept for {WorkOrderStore.Kept.TotalDays:0} days after they have ended."), isMistake: true);
                if (found.EndedAt is not null)
                {
                    return new OperationResult(found.Version, $"The order to {found.Work.Verb} {found.Version} has ended already: {found.Outcome ?? found.Failure}", AlreadyDone: true);
                }

                var why = context.Actor.Why is { } reason ? $": {reason}" : "";
                await WorkOrderStore.EndAsync(connection, found, null, $"It was called off by {context.Actor.Who}{why}.", cancellationToken);
                return new OperationResult(found.Version, $"The order to {found.Work.Verb} {found.Version}, given by {found.Actor.Who}, is called off.");
            },
            cancellationToken);
}
