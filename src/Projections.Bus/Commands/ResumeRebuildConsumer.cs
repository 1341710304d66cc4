using Microsoft.Extensions.Logging;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;

namespace Projections.Bus.Commands;

internal sealed class ResumeRebuildConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<ResumeRebuild>(loggers)
{
    protected override async Task<string> RunAsync(ResumeRebuild command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await new Resume(system).RunAsync(projection, command.Version, context, cancellationToken)).Outcome;
}
