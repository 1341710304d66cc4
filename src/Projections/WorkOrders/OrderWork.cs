using System.Text.Json;
using Projections.Commands;

namespace Projections.WorkOrders;

/// <summary>Asks for work that takes longer than a message or a request may. Any worker does it; what comes of it is found by the order's id.</summary>
internal sealed class OrderWork(ProjectionSystem system)
{
    /// <param name="command">What is to be done.</param>
    /// <param name="context">Who asks. The command's id, where there is one, becomes the order's.</param>
    /// <param name="cancellationToken">Cancels the request, not the work.</param>
    /// <exception cref="OperationRefused">It could never be done, or not as things are.</exception>
    public async Task<OrderResult> RunAsync(OrderCommand command, CommandContext context, CancellationToken cancellationToken)
    {
        var work = command.ToWork();
        var actor = command.ActorOf(context);
        var id = context.CommandId ?? Guid.NewGuid();
        var result = await CatalogCommand.RunAsync(
            system,
            command.Projection,
            new CommandIdentity(context.CommandId, work.Verb, JsonSerializer.Serialize(work, JsonSerializerOptions.Web), context.From),
            actor,
            async (connection, snapshot) =>
            {
                var settled = work.Settle(system, command.Projection, snapshot);
                await WorkOrderStore.AddAsync(connection, id, settled, actor, cancellationToken);
                return new OperationResult(settled.Version, settled.Promise);
            },
            cancellationToken);
        return new OrderResult(id, result);
    }
}

/// <summary>An order that was accepted, now or before.</summary>
/// <param name="Id">By which it is found.</param>
/// <param name="Result">What will be done.</param>
public sealed record OrderResult(Guid Id, OperationResult Result) : ICommandResult
{
    /// <inheritdoc />
    public string Outcome => Result.Outcome;
}
