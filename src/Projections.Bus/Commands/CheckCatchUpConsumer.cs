using Microsoft.Extensions.Logging;
using Projections.Checks;
using Projections.Commands;
using Projections.Definitions;

namespace Projections.Bus.Commands;

internal sealed class CheckCatchUpConsumer(ProjectionSystem system, CatchUpSettings settings, ILoggerFactory loggers) : CommandConsumer<Contracts.CheckCatchUp>(loggers)
{
    protected override async Task<string> RunAsync(Contracts.CheckCatchUp command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken)
    {
        var checks = await new CheckCatchUp(system, settings).RunAsync(projection, context, cancellationToken);
        return checks.Count == 0 ? "never built; there is nothing to check." : $"{checks[0].Verdict.Text()}.";
    }
}
