using System.Text.Json;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.WorkOrders;

/// <summary>Asks for work that takes longer than a message or a request may. Any worker does it; what comes of it is found by the order's id.</summary>
public sealed class OrderWork(ProjectionSystem system)
{
    /// <param name="projection">The projection.</param>
    /// <param name="work">What is to be done.</param>
    /// <param name="context">Who asks. The command's id, where there is one, becomes the order's.</param>
    /// <param name="cancellationToken">Cancels the request, not the work.</param>
    /// <exception cref="OperationRefused">It could never be done, or not as things are.</exception>
    public async Task<OrderResult> RunAsync(ProjectionName projection, Work work, CommandContext context, CancellationToken cancellationToken)
    {
        var id = context.CommandId ?? Guid.NewGuid();
        var result = await CatalogCommand.RunAsync(
            system,
            projection,
            context.IdentityOf(work.Verb, $"{JsonSerializer.Serialize(work, JsonSerializerOptions.Web)}"),
            context,
            async (connection, snapshot) =>
            {
                var settled = work.Settle(system, projection, snapshot);
                await WorkOrderStore.AddAsync(connection, id, settled, context.Actor, cancellationToken);
                return new OperationResult(settled.Version, settled.Promise);
            },
            cancellationToken);
        return new OrderResult(id, result);
    }
}

/// <summary>An order that was accepted, now or before.</summary>
/// <param name="Id">By which it is found.</param>
/// <param name="Result">What will be done.</param>
public sealed record OrderResult(Guid Id, OperationResult Result);
