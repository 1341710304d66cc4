using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Bus.Commands;

internal sealed class RetireVersionConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<RetireVersion>(loggers)
{
    protected override async Task<string> RunAsync(RetireVersion command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await new Retire(system).RunAsync(projection, command.Version, context, cancellationToken)).Outcome;
}
