using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;
using Projections.Switching;

namespace Projections.Bus.Commands;

internal sealed class RollbackProjectionConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<RollbackProjection>(loggers)
{
    protected override async Task<string> RunAsync(RollbackProjection command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        SwitchOutcome.Of(await new SwitchReads(system).RollBackAsync(projection, OptionsOf(command), context, cancellationToken));

    private static SwitchOptions OptionsOf(RollbackProjection command) => new()
    {
        KeepContract = command.KeepContract,
        IgnoreOldSnapshots = command.IgnoreOldSnapshots,
        AllowSmaller = command.AllowSmaller,
        AcceptExternal = command.AcceptExternal,
        AcceptAccess = command.AcceptAccess,
    };
}
