using MassTransit;
using Microsoft.Extensions.Logging;
using Projections.Commands;
using Projections.Contracts;
using Projections.Definitions;
using Projections.Faults;
using Projections.Postgres;
using Projections.Serving;
using Projections.Switching;

namespace Projections.Bus.Commands;

/// <summary>
/// Carries out the command that a message asks for, and acknowledges it as soon as the catalog has it. What is refused ends in a
/// fault with the reason, and in the error queue.
/// </summary>
internal sealed partial class CommandConsumer<TMessage>(ServedDatabases databases, CommandMessage<TMessage> message, ILoggerFactory loggers) : IConsumer<TMessage>
    where TMessage : class, IProjectionCommand
{
    private readonly ILogger _logger = loggers.CreateLogger("Projections.Bus.Commands");

    public async Task Consume(ConsumeContext<TMessage> context)
    {
        var asked = context.Message;
        try
        {
            RefuseAnonymous(asked);
            RefuseWithoutAddress(context);
            var done = await message.RunAsync(asked, databases.SystemOf(context.Headers.Get<string>(ProjectionHeaders.Database)), context.CancellationToken);
            LogDone(_logger, typeof(TMessage).Name, asked.Projection, asked.CommandId, asked.RequestedBy, done.Outcome);
            if (done.Answer is { } answer)
            {
                await context.RespondAsync(answer);
            }
        }
        catch (Exception refusal) when (refusal is OperationRefused or SwitchRefused)
        {
            LogRefused(_logger, typeof(TMessage).Name, Shown(asked), asked.CommandId, refusal.Message);
            throw;
        }
        catch (OutcomeUnknown unknown)
        {
            LogUnknown(_logger, typeof(TMessage).Name, asked.Projection, asked.CommandId, asked.RequestedBy, unknown.Message);
            throw;
        }
        catch (Exception passing) when (PassingFault.Is(passing))
        {
            LogWaits(_logger, typeof(TMessage).Name, asked.Projection, asked.CommandId, passing.GetBaseException().Message.TrimEnd('.'));
            throw;
        }
    }

    private static void RefuseAnonymous(TMessage asked)
    {
        if (asked.CommandId == Guid.Empty)
        {
            throw new OperationRefused($"A {typeof(TMessage).Name} needs a 'commandId', a GUID of its own, by which a second delivery is known.", isMistake: true);
        }

        if (string.IsNullOrWhiteSpace(asked.RequestedBy))
        {
            throw new OperationRefused($"A {typeof(TMessage).Name} needs 'requestedBy': the history says who asked.", isMistake: true);
        }
    }

    /// <summary>Without an address an answer would be published, for everybody to hear.</summary>
    private void RefuseWithoutAddress(ConsumeContext<TMessage> context)
    {
        if (message.IsAnswered && context.ResponseAddress is null)
        {
            throw new OperationRefused($"A {typeof(TMessage).Name} is answered, so it needs a 'responseAddress'. Send it as a request.", isMistake: true);
        }
    }

    /// <summary>What a stranger sends is not to be written into the log as it stands.</summary>
    private static string Shown(TMessage asked) => ProjectionName.IsValid(asked.Projection) ? asked.Projection : "(no projection's name)";

    [LoggerMessage(701, LogLevel.Information, "{Command} of '{Projection}' ({CommandId}, asked for by {Who}): {Outcome}")]
    private static partial void LogDone(ILogger logger, string command, string projection, Guid commandId, string who, string outcome);

    [LoggerMessage(702, LogLevel.Warning, "{Command} of '{Projection}' ({CommandId}) was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string command, string projection, Guid commandId, string reason);

    [LoggerMessage(708, LogLevel.Warning, "{Command} of '{Projection}' ({CommandId}) cannot be carried out at present ({Reason}); it is tried again.")]
    private static partial void LogWaits(ILogger logger, string command, string projection, Guid commandId, string reason);

    [LoggerMessage(703, LogLevel.Warning, "{Command} of '{Projection}' ({CommandId}, asked for by {Who}) is tried again: {Reason}")]
    private static partial void LogUnknown(ILogger logger, string command, string projection, Guid commandId, string who, string reason);
}
