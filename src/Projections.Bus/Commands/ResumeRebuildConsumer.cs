using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Events;
using Projections.Operations;

namespace Projections.Bus.Commands;

internal sealed class ResumeRebuildConsumer(ProjectionSystem system, ILoggerFactory loggers) : CommandConsumer<ResumeRebuild>(loggers)
{
    protected override async Task<string> RunAsync(ResumeRebuild command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken) =>
        (command.SetAside is null
            ? await new Resume(system).RunAsync(projection, command.Version, context, cancellationToken)
            : await new Resume(system).SetAsideAsync(projection, command.Version, PositionOf(command.SetAside), context, cancellationToken)).Outcome;

    private static EventPosition PositionOf(string text) => EventPosition.TryParse(text, out var position)
        ? position
        : throw new OperationRefused($"A ResumeRebuild has 'setAside' '{text}', but expected is a position such as 561400 or 8812/8790.", isMistake: true);
}
