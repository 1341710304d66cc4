using Projections.Commands;

namespace Projections.WorkOrders;

/// <summary>A command for work that takes longer than a message or a request may. It is ordered; whoever can wait has it done at once (<see cref="DoAsync"/>).</summary>
public abstract record OrderCommand : Command<OrderResult>
{
    /// <exception cref="OperationRefused">Parts of it contradict each other.</exception>
    internal abstract Work ToWork();

    /// <summary>Does it in this process, now.</summary>
    internal Task<WorkResult> DoAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        ToWork().RunAsync(system, Projection, ActorOf(context), context.CommandId, cancellationToken);

    internal override Task<OrderResult> CarryOutAsync(ProjectionSystem system, CommandContext context, CancellationToken cancellationToken) =>
        new OrderWork(system).RunAsync(this, context, cancellationToken);
}
