using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Bus.Commands;

internal sealed class PauseRebuildConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<PauseRebuild>(loggers)
{
    protected override async Task<string> RunAsync(PauseRebuild command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await new Pause(system).RunAsync(projection, command.Version, context, cancellationToken)).Outcome;
}
