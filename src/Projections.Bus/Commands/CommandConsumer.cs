using MassTransit;
using Microsoft.Extensions.Logging;
using Projections.Catalog;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Faults;

namespace Projections.Bus.Commands;

/// <summary>
/// Carries a command out by the operation of the core that every door uses, and acknowledges it as soon as the catalog has
/// it. What is refused ends in a fault with the reason, and in the error queue.
/// </summary>
internal abstract partial class CommandConsumer<TCommand>(ILoggerFactory loggers) : IConsumer<TCommand>
    where TCommand : class, IProjectionCommand
{
    private readonly ILogger _logger = loggers.CreateLogger("Projections.Bus.Commands");

    public async Task Consume(ConsumeContext<TCommand> context)
    {
        var command = context.Message;
        try
        {
            var outcome = await RunAsync(command, NameOf(command), ContextOf(command), context.CancellationToken);
            LogDone(_logger, typeof(TCommand).Name, command.Projection, command.CommandId, command.RequestedBy, outcome);
        }
        catch (Exception refusal) when (Refusals.Is(refusal))
        {
            LogRefused(_logger, typeof(TCommand).Name, command.Projection, command.CommandId, command.RequestedBy, refusal.Message);
            throw;
        }
        catch (OutcomeUnknown unknown)
        {
            LogUnknown(_logger, typeof(TCommand).Name, command.Projection, command.CommandId, command.RequestedBy, unknown.Message);
            throw;
        }
    }

    /// <returns>What came of it, in a sentence.</returns>
    protected abstract Task<string> RunAsync(TCommand command, ProjectionName projection, CommandContext context, CancellationToken cancellationToken);

    private static ProjectionName NameOf(TCommand command)
    {
        try
        {
            return new ProjectionName(command.Projection);
        }
        catch (FormatException invalid)
        {
            throw new OperationRefused(invalid.Message, isMistake: true);
        }
    }

    private static CommandContext ContextOf(TCommand command)
    {
        if (command.CommandId == Guid.Empty)
        {
            throw new OperationRefused($"A {typeof(TCommand).Name} needs a 'commandId', a GUID of its own, by which a second delivery is known.", isMistake: true);
        }

        if (string.IsNullOrWhiteSpace(command.RequestedBy))
        {
            throw new OperationRefused($"A {typeof(TCommand).Name} needs 'requestedBy': the history says who asked.", isMistake: true);
        }

        return new CommandContext(new Actor(command.RequestedBy, command.Reason), command.CommandId);
    }

    [LoggerMessage(701, LogLevel.Information, "{Command} of '{Projection}' ({CommandId}, asked for by {Who}): {Outcome}")]
    private static partial void LogDone(ILogger logger, string command, string projection, Guid commandId, string who, string outcome);

    [LoggerMessage(702, LogLevel.Warning, "{Command} of '{Projection}' ({CommandId}, asked for by {Who}) was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string command, string projection, Guid commandId, string who, string reason);

    [LoggerMessage(703, LogLevel.Warning, "{Command} of '{Projection}' ({CommandId}, asked for by {Who}) is tried again: {Reason}")]
    private static partial void LogUnknown(ILogger logger, string command, string projection, Guid commandId, string who, string reason);
}
