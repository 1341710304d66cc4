using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Verification;
using Projections.WorkOrders;

namespace Projections.Bus.Commands;

internal sealed class RepairProjectionConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<RepairProjection>(loggers)
{
    protected override async Task<string> RunAsync(RepairProjection command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await new OrderWork(system).RunAsync(projection, WorkOf(command), context, cancellationToken)).Result.Outcome;

    private static RepairWork WorkOf(RepairProjection command) => new()
    {
        Version = command.Version,
        Scope = new RepairScope
        {
            Keys = command.Keys, Streams = command.Streams, Tenant = command.Tenant, WhereDifferent = command.WhereDifferent,
        },
    };
}
