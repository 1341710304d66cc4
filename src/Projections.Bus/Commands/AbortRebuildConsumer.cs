using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Bus.Commands;

internal sealed class AbortRebuildConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<AbortRebuild>(loggers)
{
    protected override async Task<string> RunAsync(AbortRebuild command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await new Abort(system).RunAsync(projection, command.Version, context, cancellationToken)).Outcome;
}
