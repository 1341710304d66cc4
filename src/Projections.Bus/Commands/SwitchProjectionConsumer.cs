using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Operations;
using Projections.Switching;

namespace Projections.Bus.Commands;

internal sealed class SwitchProjectionConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<SwitchProjection>(loggers)
{
    protected override async Task<string> RunAsync(SwitchProjection command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        SwitchOutcome.Of(await new SwitchReads(system).RunAsync(projection, command.Version, OptionsOf(command), context, cancellationToken));

    private static SwitchOptions OptionsOf(SwitchProjection command) => new()
    {
        KeepContract = command.KeepContract,
        IgnoreOldSnapshots = command.IgnoreOldSnapshots,
        AllowSmaller = command.AllowSmaller,
        AcceptExternal = command.AcceptExternal,
        AcceptAccess = command.AcceptAccess,
        RequireVerified = command.RequireVerified,
        VerifiedWithin = TimeSpan.FromMinutes(command.VerifiedWithinMinutes),
    };
}
