using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.WorkOrders;

namespace Projections.Bus.Commands;

internal sealed class CancelWorkConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<CancelWork>(loggers)
{
    protected override async Task<string> RunAsync(CancelWork command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await new CallOffOrder(system).RunAsync(projection, command.Order, context, cancellationToken)).Outcome;
}
