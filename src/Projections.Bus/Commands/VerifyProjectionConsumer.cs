using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.WorkOrders;

namespace Projections.Bus.Commands;

internal sealed class VerifyProjectionConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<VerifyProjection>(loggers)
{
    protected override async Task<string> RunAsync(VerifyProjection command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (await new OrderWork(system).RunAsync(projection, WorkOf(command), context, cancellationToken)).Result.Outcome;

    private static Work WorkOf(VerifyProjection command) => command switch
    {
        { AgainstEvents: true, ComparedWith: not null } =>
            throw new OperationRefused("A VerifyProjection with 'againstEvents' compares one version with its events; leave 'comparedWith' out.", isMistake: true),
        { AgainstEvents: true } => new VerifyAgainstEventsWork { Version = command.Version, Sample = command.Sample },
        _ => new VerifyWork { From = command.ComparedWith, To = command.Version, PatienceSeconds = command.PatienceSeconds },
    };
}
