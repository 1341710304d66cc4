using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Bus.Commands;

internal sealed class RebuildProjectionConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<RebuildProjection>(loggers)
{
    protected override async Task<string> RunAsync(RebuildProjection command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await (command.Anew
            ? new BeginAnew(system).RunAsync(projection, command.Version, command.SwitchWhenReady, command.EventsPerSecond, context, cancellationToken)
            : new Rebuild(system).RunAsync(projection, command.Version, command.SwitchWhenReady, command.EventsPerSecond, context, cancellationToken))).Outcome;
}
